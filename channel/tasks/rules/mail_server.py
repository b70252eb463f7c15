"""The mail server that a URL of the settings names, and how one speaks to it."""

from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

_PORTS = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where it listens, and as whom one comes; its password is nowhere shown.

    `begins_encrypted` from the first byte. `must_encrypt` before anything is said: else it is where that is offered.
    """

    host: str
    port: int
    login: str | None
    password: str | None = field(repr=False)
    begins_encrypted: bool
    must_encrypt: bool

    @property
    def start_tls(self) -> bool | None:
        """What is asked of the server after the greeting: to encrypt (None: where it offers that), or nothing."""
        if self.begins_encrypted:
            return False
        return True if self.must_encrypt else None


def mail_server(url: str) -> MailServer:
    """The server of a URL that was read before.

    No password goes over a line in the open, unless the server is on this very machine.
    >>> mail_server("smtp://channel:se%40cret@mail.example.com:587")
    MailServer(host='mail.example.com', port=587, login='channel', begins_encrypted=False, must_encrypt=True)
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    secret = parts.password is not None
    begins = parts.scheme == "smtps"
    return MailServer(
        host,
        parts.port or _PORTS[parts.scheme],
        unquote(parts.username) if parts.username else None,
        unquote(parts.password) if parts.password else None,
        begins_encrypted=begins,
        must_encrypt=secret and not begins and not _is_here(host),
    )


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
