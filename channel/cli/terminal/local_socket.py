"""The socket in the data folder by which commands find the service that runs there.

It spares a command opening the application by itself. Only the folder's account may connect, so that a token goes to
nobody else, as it could with a port that another program has taken meanwhile.
"""

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

NAME = "service.socket"
_PATIENCE_SECONDS = 5.0


@contextlib.contextmanager
def listening_nearby(folder: Path) -> Iterator[socket.socket | None]:
    """A socket to serve on besides the port; None where a service listens there already, or sockets cannot be had."""
    path = folder / NAME
    if running_nearby(folder) is not None:
        yield None
        return
    listener = _bound(path)
    if listener is None:
        yield None
        return
    made = path.stat().st_ino
    try:
        yield listener
    finally:
        listener.close()
        # Another service may have put its own there, where ours was removed by hand.
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_ino == made:
                path.unlink()


def _bound(path: Path) -> socket.socket | None:
    family = getattr(socket, "AF_UNIX", None)
    if family is None:
        return None
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        # What a killed service left behind answers nobody.
        path.unlink(missing_ok=True)
        listener.bind(str(path))
        # Closed to others before anybody can connect.
        path.chmod(0o600)
        listener.listen(128)
    except OSError:
        # A path may be too long for a socket; the port serves all the same.
        listener.close()
        return None
    listener.set_inheritable(False)
    return listener


def running_nearby(folder: Path) -> Path | None:
    """The socket of the service that runs on this folder, if one answers there."""
    path = folder / NAME
    family = getattr(socket, "AF_UNIX", None)
    if family is None:
        return None
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.settimeout(_PATIENCE_SECONDS)
        try:
            trial.connect(str(path))
        except OSError:
            return None
    return path
