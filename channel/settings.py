"""What the operator chooses, read once from the environment; a wrong value is refused by name.

An empty value counts as not set, as in a compose file. Nothing else in `channel` reads the environment for choices.
"""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Literal, TypeVar, get_args
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.numbers import is_currency
from platformdirs import user_data_dir

from channel.digits import whole_number
from channel.mail import is_mail

T = TypeVar("T")
D = TypeVar("D")
SecureCookies = Literal["auto", "on", "off"]

SECRET_CHARACTERS = 32
"""The shortest secret that is taken from the environment; one that is made here has 64 (256 bits in hex)."""


@dataclass(frozen=True)
class Settings:
    """The choices of one installation.

    Without `database_url` the embedded PostgreSQL in `data_dir` is used. `secure_cookies` "auto" marks a cookie as
    secure when the request came over https. Without `company_currency` the company keeps the one it has; a new one has
    none, and says so wherever one is needed. `now` moves the clock of a database that is made with it. `url` and
    `token` are for the command line alone: the server to speak to. Mail goes to the server `mail_url`, without one into
    `mail_dir` as files; its links lead to `public_url`.
    Values that give access do not appear in the repr.
    """

    data_dir: Path
    database_url: str | None = field(default=None, repr=False)
    owner_database_url: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    company_currency: str | None = None
    timezone: str = "UTC"
    now: datetime | None = None
    pool_size: int = 10
    largest_file_mb: int = 200
    sockets_per_address: int = 200
    secure_cookies: SecureCookies = "auto"
    given_secret: str | None = field(default=None, repr=False)
    mail_url: str | None = field(default=None, repr=False)
    mail_from: str = "channel@localhost"
    mail_folder: Path | None = None
    given_public_url: str | None = None
    url: str | None = None
    token: str | None = field(default=None, repr=False)

    @cached_property
    def secret(self) -> str:
        """The key that signs cookies and forms: `CHANNEL_SECRET`, or the file `secret` in the data folder.

        The file is made at first use, readable for its owner only; of several processes that start together one
        makes it and all read the same. A file that is closed to us, or too short to be a secret, raises ValueError.
        """
        if self.given_secret:
            return self.given_secret
        path = self.folder() / "secret"
        try:
            if not path.exists():
                _write_secret(path)
            text = path.read_text("utf-8").strip()
        except OSError as wrong:
            raise ValueError(
                f"CHANNEL_DATA_DIR is {str(self.data_dir)!r}, where {wrong.filename} cannot be used "
                f"({wrong.strerror}): run as the account that it belongs to, or name another folder"
            ) from None
        if len(text) < SECRET_CHARACTERS:
            raise ValueError(f"{path} holds no secret: remove it to have a new one made (everybody signs in again)")
        return text

    @property
    def public_url(self) -> str:
        """Where people find the service: as they are told, or where it listens."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.given_public_url or f"http://{host}:{self.port}"

    @property
    def mail_dir(self) -> Path:
        """The folder into which mail goes that no server takes."""
        return self.mail_folder or self.data_dir / "mail"

    def folder(self) -> Path:
        """The data folder, made when it is missing; others may pass through it, but not look into it.

        One that cannot be made raises ValueError.
        """
        try:
            self.data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)
        except OSError as wrong:
            raise ValueError(
                f"CHANNEL_DATA_DIR is {str(self.data_dir)!r}, which cannot be made ({wrong.strerror}): name a folder "
                "that you may write to",
            ) from None
        return self.data_dir


def _write_secret(path: Path) -> None:
    """Write a new secret aside and link it into place, so that nobody ever reads half of one, or another one."""
    aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
    try:
        path.hardlink_to(aside)
    except FileExistsError:
        pass
    finally:
        aside.unlink()


def read_settings(env: Mapping[str, str]) -> Settings:
    """The settings in an environment.

    `CHANNEL_HOST` and `CHANNEL_PORT` go before `HOST` and `PORT`. A wrong value raises ValueError, which names the
    variable, the value (never one that holds a password) and what would be right.
    """
    database_url = _read(env, "CHANNEL_DATABASE_URL", _postgres_url, None)
    owner_database_url = _read(env, "CHANNEL_OWNER_DATABASE_URL", _postgres_url, None)
    if owner_database_url and not database_url:
        raise ValueError(
            "CHANNEL_OWNER_DATABASE_URL is set and CHANNEL_DATABASE_URL is not: set both for an external PostgreSQL "
            "(the owner migrates, the other one serves), or neither for the embedded one",
        )
    mail_url = _read(env, "CHANNEL_MAIL_URL", _mail_url, None)
    mail_from = _read(env, "CHANNEL_MAIL_FROM", _mail_from, None)
    mail_folder = _read(env, "CHANNEL_MAIL_FOLDER", _folder, None)
    if mail_url and not mail_from:
        raise ValueError("CHANNEL_MAIL_URL is set and CHANNEL_MAIL_FROM is not: set the address that mail comes from")
    if mail_url and mail_folder:
        raise ValueError(
            "CHANNEL_MAIL_URL and CHANNEL_MAIL_FOLDER are both set: mail goes to a server or into a folder, not both"
        )
    return Settings(
        data_dir=_read(env, "CHANNEL_DATA_DIR", _folder, Path(user_data_dir("channel"))),
        database_url=database_url,
        owner_database_url=owner_database_url,
        host=_read(env, "CHANNEL_HOST", str, _read(env, "HOST", str, "127.0.0.1")),
        port=_read(env, "CHANNEL_PORT", _port, _read(env, "PORT", _port, 8000)),
        company_currency=_read(env, "CHANNEL_COMPANY_CURRENCY", _currency, None),
        timezone=(zone := _read(env, "CHANNEL_TIMEZONE", _zone, "UTC")),
        now=_read(env, "CHANNEL_NOW", partial(_moment, zone), None),
        pool_size=_read(env, "CHANNEL_POOL_SIZE", _pool_size, 10),
        largest_file_mb=_read(env, "CHANNEL_LARGEST_FILE_MB", _largest_file, 200),
        sockets_per_address=_read(env, "CHANNEL_SOCKETS_PER_ADDRESS", _sockets_per_address, 200),
        secure_cookies=_read(env, "CHANNEL_SECURE_COOKIES", _secure_cookies, "auto"),
        given_secret=_read(env, "CHANNEL_SECRET", _secret, None),
        mail_url=mail_url,
        mail_from=mail_from or Settings.mail_from,
        mail_folder=mail_folder,
        given_public_url=_read(env, "CHANNEL_PUBLIC_URL", _http_url, None),
        url=_read(env, "CHANNEL_URL", _http_url, None),
        token=_read(env, "CHANNEL_TOKEN", _token, None),
    )


def _read(env: Mapping[str, str], name: str, parse: Callable[[str], T], default: D) -> T | D:
    text = env.get(name, "").strip()
    if not text:
        return default
    try:
        return parse(text)
    except ValueError as wrong:
        raise ValueError(f"{name} {wrong}") from None


def _folder(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise ValueError(f"is {text!r}, which is a file: name a folder")
    return path


def _whole(text: str, low: int, high: int) -> int:
    number = whole_number(text, high)
    if number is None or number < low:
        raise ValueError(f"is {text!r}: it must be a whole number from {low} to {high}")
    return number


def _port(text: str) -> int:
    return _whole(text, 1, 65535)


def _pool_size(text: str) -> int:
    return _whole(text, 1, 1000)


def _largest_file(text: str) -> int:
    return _whole(text, 1, 2048)


def _sockets_per_address(text: str) -> int:
    return _whole(text, 1, 100_000)


def _currency(text: str) -> str:
    if not is_currency(text):
        raise ValueError(f"is {text!r}: it must be a currency code of ISO 4217, three capital letters such as EUR")
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"is {text!r}: it must be a time zone of the IANA list, such as Asia/Shanghai") from None
    return text


def _moment(zone: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"is {text!r}: it must be a moment such as 2027-03-01T08:00") from None


def _secure_cookies(text: str) -> SecureCookies:
    for choice in get_args(SecureCookies):
        if text.lower() == choice:
            return choice  # type: ignore[no-any-return] # get_args loses that it is one of the literals
    raise ValueError(f"is {text!r}: it must be auto, on or off")


def _secret(text: str) -> str:
    if len(text) < SECRET_CHARACTERS:
        raise ValueError(f"has {len(text)} characters: it must have {SECRET_CHARACTERS} or more, made at random")
    return text


def _token(text: str) -> str:
    # What cannot stand in a header would end the command before anybody refuses it; the token itself is not shown.
    if not (text.isascii() and text.isprintable()):
        raise ValueError("holds characters that no token has: copy it once more")
    return text


def _postgres_url(text: str) -> str:
    # The URL may hold a password, so the message shows no more of it than the part before the colon.
    scheme = text.partition(":")[0]
    if scheme not in {"postgresql", "postgres"} or "://" not in text:
        raise ValueError(f"begins with {scheme[:20]!r}: it must look like postgresql://user:password@host:5432/name")
    return text


def _mail_url(text: str) -> str:
    # It may hold a password, so no more of it is shown than what stands before the colon.
    scheme = text.partition(":")[0]
    try:
        parts = urlsplit(text)
        fits = parts.scheme in {"smtp", "smtps"} and parts.hostname and parts.port != 0 and text.isprintable()
        fits = fits and parts.path in {"", "/"} and not parts.query and (parts.username is None) == (not parts.password)
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"begins with {scheme[:20]!r}: it must look like smtp://user:password@mail.example.com:587 or smtps://..., "
            "with user and password or neither; signs such as @ : / in them are written as %40 %3A %2F"
        )
    return text


def _mail_from(text: str) -> str:
    if not is_mail(text):
        raise ValueError(f"is {text!r}: it must be a mail address such as channel@example.com")
    return text


def _http_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"is {text!r}: it must look like https://channel.example.com")
    return text.rstrip("/")
