"""The embedded PostgreSQL: one server per folder, started by its first user and stopped by its last.

Who uses it and whether it lives are told by file locks, never by process numbers: the kernel frees a lock when its
holder dies, however it dies, and a lock means the same in every container that shares the folder.

- `start.lock` is held alone by whoever starts or stops the server;
- `use.lock` is held together by everyone who uses it;
- `server.lock` is inherited by the server and all its processes, so that it is free only when the last one is gone.

The server listens on a socket alone, in a folder that only its account (and root) may enter: that is why it asks
for no password. PostgreSQL refuses to run as root, so root hands it to another account (channel.database.seat).
"""

import logging
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import Popen
from typing import Self
from urllib.parse import quote

from channel.database.programs import DatabaseFault
from channel.database.seat import UNFINISHED, Seat, find_seat, locked, open_private, try_lock

if sys.platform != "win32":
    import fcntl

OWNER = "channel_owner"
"""The superuser of the embedded server: it owns and migrates the databases, and never serves a request."""

PORT = 5432
"""A part of the socket's name, not a port of the network."""

SERVICE: Mapping[str, str] = {
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_connections": "50",
    "max_wal_size": "2GB",
    # A statement ends when nobody waits for it any more; where the server was killed, it would keep the next away.
    "client_connection_check_interval": "5s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "lc_messages": "C",
}
"""How the server runs unless told otherwise: a small company's machine, shared with the service."""

THROWAWAY: Mapping[str, str] = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "64MB",
}
"""For tests and trials: fast, and nothing survives a crash of the machine."""

LOG_BYTES = 10_000_000
"""A log that is longer is put aside, over the one before, when the server starts."""

# A container's /dev/shm often has 64 MB, too little for parallel queries: below this, files are mapped instead.
SHARED_MEMORY_BYTES = 256_000_000

STOP_SECONDS = 600.0
ORDERLY_SECONDS = 60.0
"""A server that has not ended in order by then is ended at once, and recovers at its next start.

PostgreSQL 18 does not end at all when it is asked in the moment in which it begins to recover from a crash.
"""
TOLD_SECONDS = 5.0

logger = logging.getLogger(__name__)


class _HalfRecovered(DatabaseFault):
    """A recovery met what a backend had left that was making unlogged tables when its postmaster was killed.

    PostgreSQL clears this away at the next start, which finds what this one has brought back.
    """


class EmbeddedPostgres:
    """The PostgreSQL server of the folder `root`, made at its first start.

    `conf` are settings of postgresql.conf over those of SERVICE; they hold when this process is the one that starts
    the server, since everyone else joins the server as it runs. Calls block: async code uses a thread. Faults are
    DatabaseFault, with a text for the operator.
    """

    def __init__(self, root: Path, *, conf: Mapping[str, str] | None = None) -> None:
        self.root = root.absolute()
        self._conf = {**SERVICE, **_shared_memory(), **(conf or {})}
        self._seat: Seat | None = None
        self._use: int | None = None

    def start(self, patience_seconds: float = 3600.0) -> None:
        """Start the server, or join the one that runs, and return when it answers.

        After a crash it waits for the recovery, which may take minutes; when patience ends, the recovery goes on and
        a later start waits for the rest. May be called again at any time, for one thing after the server was killed.
        """
        if sys.platform == "win32":
            raise DatabaseFault("On Windows, set CHANNEL_DATABASE_URL and CHANNEL_OWNER_DATABASE_URL to a PostgreSQL.")
        seat = self._seat = find_seat(self.root)
        with locked(seat.place / "start.lock"):
            newcomer = self._use is None
            if self._use is None:
                self._use = open_private(seat.place / "use.lock")
                fcntl.flock(self._use, fcntl.LOCK_SH)
            try:
                self._bring_up(seat, time.monotonic() + patience_seconds)
            except BaseException:
                if newcomer:
                    self.leave()
                raise

    def stop(self) -> bool:
        """Leave the server; whether this was its last user, who has also stopped it."""
        if self._use is None or self._seat is None or sys.platform == "win32":
            return False
        with locked(self._seat.place / "start.lock"):
            try:
                fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.leave()
                return False
            try:
                self._shut_down(self._seat)
            finally:
                self.leave()
            return True

    def leave(self) -> None:
        """Leave the server to itself, whatever it does: whoever comes next joins it, and the last one stops it."""
        if self._use is not None:
            os.close(self._use)
            self._use = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @classmethod
    @contextmanager
    def temporary(cls, conf: Mapping[str, str] = THROWAWAY) -> Iterator[Self]:
        """A server in a folder of its own that is removed with all its data afterwards: for tests and trials."""
        server = cls(Path(tempfile.mkdtemp(prefix="channel-")), conf=conf)
        try:
            with server:
                yield server
        finally:
            if server._seat is not None:
                server._seat.remove()
            shutil.rmtree(server.root, ignore_errors=True)

    @property
    def place(self) -> Path:
        """The folder of its data and locks; the server must have been started."""
        if self._seat is None:
            raise RuntimeError("the embedded PostgreSQL has not been started")
        return self._seat.place

    def dsn(self, user: str, database: str) -> str:
        """The address of a database for asyncpg and for PostgreSQL's programs; the server must have been started."""
        if self._seat is None:
            raise RuntimeError("the embedded PostgreSQL has not been started")
        return f"postgresql://{quote(user, safe='')}@/{quote(database, safe='')}?host={self._seat.run}&port={PORT}"

    def bins(self) -> list[Path]:
        """Where the programs of this server lie."""
        return [self._seat.install / "bin"] if self._seat else []

    def sql(self, *statements: str) -> str:
        """Run statements as the owner, outside any database of ours, and give what they print."""
        seat = self._seat
        if seat is None:
            raise RuntimeError("the embedded PostgreSQL has not been started")
        commands = [word for statement in statements for word in ("--command", statement)]
        plain = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"]
        return seat.run_program("psql", *plain, "--dbname", self.dsn(OWNER, "postgres"), *commands).strip()

    def _bring_up(self, seat: Seat, until: float) -> None:
        """Make the server answer: it answers, or it lives and will, or nothing lives and it is spawned."""
        pause, told = 0.01, time.monotonic() + TOLD_SECONDS
        while not _answers(seat):
            if time.monotonic() > told:
                logger.warning("Waiting for the PostgreSQL of %s, which lives but does not answer yet", seat.place)
                told = until
            lock = try_lock(seat.place / "server.lock")
            if lock is not None:
                try:
                    with suppress(_HalfRecovered):
                        self._spawn(seat, lock, until)
                        return
                    self._spawn(seat, lock, until)
                finally:
                    os.close(lock)
                return
            if not seat.has_run():
                raise DatabaseFault(
                    f"The server of {seat.place} runs, but its socket folder {seat.run} was removed: "
                    f"end the server (process {_postmaster(seat)}) and start again.",
                )
            pause = _wait(seat, until, pause)

    def _spawn(self, seat: Seat, lock: int, until: float) -> None:
        seat.tidy()
        if not seat.data.exists():
            self._initialise(seat)
        seat.prepare_run()
        log_path = seat.place / "postgres.log"
        if log_path.exists() and log_path.stat().st_size > LOG_BYTES:
            log_path.replace(log_path.with_suffix(".log.1"))
        log = open_private(log_path)
        said_from = os.fstat(log).st_size
        try:
            process = seat.spawn(self._command(seat), env=_past_postmaster(seat), log=log, keep=lock)
        finally:
            os.close(log)
        # Whoever starts a process must collect it, or it stays as a zombie; a thread waits for as long as it lives.
        threading.Thread(target=process.wait, name="postgres", daemon=True).start()
        try:
            failed = _failed(seat, process, until)
        except BaseException as interrupted:
            # Whoever interrupts us wants no server either; a recovery that outlasts our patience goes on.
            if not isinstance(interrupted, DatabaseFault):
                process.terminate()
            raise
        if failed:
            said = log_path.read_bytes()[said_from:].decode(errors="replace")[-3000:]
            fault = _HalfRecovered if "could not create file" in said and "File exists" in said else DatabaseFault
            raise fault(f"PostgreSQL did not start; its log ({log_path}) says:\n{said}")

    def _command(self, seat: Seat) -> list[str]:
        # What keeps others out comes last, so that no choice of the caller's is before it.
        closed = {"listen_addresses": "", "port": str(PORT), "unix_socket_permissions": "0700"}
        settings = [word for name, value in {**self._conf, **closed}.items() for word in ("-c", f"{name}={value}")]
        return ["postgres", "-D", str(seat.data), "-k", str(seat.run), *settings]

    def _initialise(self, seat: Seat) -> None:
        """Make the data folder aside and rename it: it exists whole or not at all, whenever we are interrupted."""
        making = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=seat.place))
        seat.hand_over(making)
        hasty = ["--no-sync"] if self._conf.get("fsync") == "off" else []
        # The locale is fixed: one that comes from the environment may be missing here, or be C, where upper() and
        # the trigram search know no letter beyond English. Of the C library's, macOS has no C.UTF-8.
        locale = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
        language = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", f"--locale={locale}", "--encoding=UTF8"]
        access = [f"--username={OWNER}", "--auth-local=trust", "--auth-host=reject", "--data-checksums"]
        seat.run_program("initdb", "--pgdata", str(making), *access, *language, *hasty, "--no-instructions")
        making.rename(seat.data)

    def _shut_down(self, seat: Seat) -> None:
        """End the server and wait until its last process is gone."""
        until, pause, hurry = time.monotonic() + STOP_SECONDS, 0.01, time.monotonic() + ORDERLY_SECONDS
        modes = ["fast", "immediate"]
        while (lock := try_lock(seat.place / "server.lock")) is None:
            if modes and (modes[0] == "fast" or time.monotonic() > hurry):
                if not _is_ours(seat):
                    logger.warning("The server of %s cannot be stopped from here and is left to itself", seat.place)
                    return
                # It may have ended by itself in the meantime, which the lock will tell.
                with suppress(DatabaseFault):
                    mode = f"--mode={modes.pop(0)}"
                    seat.run_program("pg_ctl", "stop", "--pgdata", str(seat.data), mode, "--no-wait")
            pause = _wait(seat, until, pause)
        os.close(lock)


def _answers(seat: Seat) -> bool:
    """Whether the server takes connections."""
    args = ["-q", "-h", str(seat.run), "-p", str(PORT), "-U", OWNER, "-d", "postgres", "-t", "3"]
    return seat.has_run() and seat.succeeds("pg_isready", *args)


def _failed(seat: Seat, process: Popen[bytes], until: float) -> bool:
    """Wait until the server that `process` is answers, or has ended without: then it has failed."""
    pause = 0.01
    while not _answers(seat):
        if process.poll() is not None:
            return True
        pause = _wait(seat, until, pause)
    return False


def _wait(seat: Seat, until: float, pause: float) -> float:
    """Sleep for `pause` and give the next, longer one; a DatabaseFault when patience is at its end."""
    if time.monotonic() > until:
        raise DatabaseFault(
            f"PostgreSQL in {seat.place} is still busy, and its postgres.log says with what: try again later.",
        )
    time.sleep(pause)
    return min(pause * 1.5, 0.25)


def _postmaster(seat: Seat) -> str:
    """The process number in postmaster.pid, which may be of the past; empty when there is none."""
    try:
        return (seat.data / "postmaster.pid").read_text().split("\n", 1)[0].strip()
    except OSError:
        return ""


def _past_postmaster(seat: Seat) -> dict[str, str]:
    """Let PostgreSQL pass over a postmaster.pid whose number now belongs to some other process, or to a zombie.

    PostgreSQL would take that process for a living server. The free server.lock proves that none lives. A process
    named in this variable counts as the starter, so that PostgreSQL goes on to its own second proof, that nobody is
    attached to the old shared memory; removing the file would have skipped that.
    """
    pid = _postmaster(seat)
    return {"PG_GRANDPARENT_PID": pid} if pid.isdecimal() else {}


def _is_ours(seat: Seat) -> bool:
    """Whether the process in postmaster.pid is the server of this folder, and may be told to stop.

    It is not when the server was killed and its number given to another process, or when it lives in another
    container. Where there is no /proc, a server that answers is taken to be it.
    """
    pid = _postmaster(seat)
    try:
        return os.fsencode(seat.data) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return not Path("/proc/self/cmdline").exists() and _answers(seat)


def _shared_memory() -> dict[str, str]:
    try:
        room = os.statvfs("/dev/shm")  # noqa: S108 - only measured
    except OSError:
        return {}
    return {"dynamic_shared_memory_type": "mmap"} if room.f_frsize * room.f_blocks < SHARED_MEMORY_BYTES else {}
