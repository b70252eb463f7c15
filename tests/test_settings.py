"""Settings: what is read, what is refused and in which words, and the secret that is made once."""

import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from channel.settings import Settings, read_settings


def test_nothing_set_gives_an_embedded_database_on_loopback() -> None:
    settings = read_settings({})
    assert settings.data_dir.name == "channel"
    assert settings.data_dir.is_absolute()
    assert settings.database_url is None
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert (settings.company_currency, settings.timezone) == (None, "UTC")
    assert (settings.pool_size, settings.secure_cookies) == (10, "auto")
    assert (settings.url, settings.token, settings.given_secret) == (None, None, None)


def test_every_variable_is_read(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "CHANNEL_DATA_DIR": str(tmp_path),
            "CHANNEL_DATABASE_URL": "postgresql://app:pw@db/channel",
            "CHANNEL_OWNER_DATABASE_URL": "postgres://owner:pw@db/channel",
            "CHANNEL_HOST": "0.0.0.0",  # noqa: S104 - read, not listened on
            "HOST": "ignored",
            "CHANNEL_PORT": "8443",
            "PORT": "1",
            "CHANNEL_COMPANY_CURRENCY": "CNY",
            "CHANNEL_TIMEZONE": "Asia/Shanghai",
            "CHANNEL_POOL_SIZE": "1",
            "CHANNEL_LARGEST_FILE_MB": "2048",
            "CHANNEL_SOCKETS_PER_ADDRESS": "50",
            "CHANNEL_SECURE_COOKIES": "ON",
            "CHANNEL_SECRET": "s" * 32,
            "CHANNEL_MAIL_URL": "smtp://post:pw%40@mail.example.com:587",
            "CHANNEL_MAIL_FROM": "channel@example.com",
            "CHANNEL_PUBLIC_URL": "https://channel.example.com/",
            "CHANNEL_URL": "https://channel.example.com/",
            "CHANNEL_TOKEN": "t",
        }
    )
    assert settings == Settings(
        data_dir=tmp_path,
        database_url="postgresql://app:pw@db/channel",
        owner_database_url="postgres://owner:pw@db/channel",
        host="0.0.0.0",  # noqa: S104 - compared, not listened on
        port=8443,
        company_currency="CNY",
        timezone="Asia/Shanghai",
        pool_size=1,
        largest_file_mb=2048,
        sockets_per_address=50,
        secure_cookies="on",
        given_secret="s" * 32,
        mail_url="smtp://post:pw%40@mail.example.com:587",
        mail_from="channel@example.com",
        given_public_url="https://channel.example.com",
        url="https://channel.example.com",
        token="t",
    )
    assert settings.secret == "s" * 32
    assert not any(hidden in repr(settings) for hidden in ("pw", "sss", "token"))


def test_mail_goes_into_a_folder_of_the_data_where_no_server_is_named(tmp_path: Path) -> None:
    settings = read_settings({"CHANNEL_DATA_DIR": str(tmp_path), "CHANNEL_PORT": "8001"})
    assert (settings.mail_url, settings.mail_dir, settings.mail_from) == (None, tmp_path / "mail", "channel@localhost")
    assert settings.public_url == "http://127.0.0.1:8001"
    assert read_settings({"CHANNEL_HOST": "::1"}).public_url == "http://[::1]:8000"
    assert read_settings({"CHANNEL_MAIL_FOLDER": str(tmp_path / "post")}).mail_dir == tmp_path / "post"
    with pytest.raises(ValueError, match="both set"):
        read_settings(
            {
                "CHANNEL_MAIL_FOLDER": str(tmp_path),
                "CHANNEL_MAIL_URL": "smtp://mail.example.com",
                "CHANNEL_MAIL_FROM": "a@example.com",
            }
        )


def test_no_refusal_shows_the_password_of_the_mail_server() -> None:
    with pytest.raises(ValueError, match="CHANNEL_MAIL_URL begins with 'smtp'") as refused:
        read_settings({"CHANNEL_MAIL_URL": "smtp://post:geheim@mail.example.com:99999", "CHANNEL_MAIL_FROM": "a@b.cd"})
    assert "geheim" not in str(refused.value)


def test_host_and_port_without_prefix_are_taken_and_empty_counts_as_unset() -> None:
    settings = read_settings({"HOST": "::1", "PORT": "8080", "CHANNEL_PORT": " ", "CHANNEL_DATABASE_URL": ""})
    assert (settings.host, settings.port, settings.database_url) == ("::1", 8080, None)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CHANNEL_MAIL_URL", "http://mail.example.com", "begins with 'http': it must look like smtp://"),
        ("CHANNEL_MAIL_URL", "smtp://user@mail.example.com", "with user and password or neither"),
        ("CHANNEL_MAIL_URL", "smtp://mail.example.com:0", "begins with 'smtp'"),
        ("CHANNEL_MAIL_URL", "smtp://mail.example.com:x", "begins with 'smtp'"),
        ("CHANNEL_MAIL_URL", "smtp://mail.example.com", "CHANNEL_MAIL_FROM is not"),
        ("CHANNEL_MAIL_FROM", "channel", "'channel': it must be a mail address"),
        ("CHANNEL_PUBLIC_URL", "channel.example.com", "must look like https://"),
        ("CHANNEL_PORT", "0", "'0': it must be a whole number from 1 to 65535"),
        ("PORT", "65536", "'65536'"),
        ("CHANNEL_PORT", "80.0", "'80.0'"),
        ("CHANNEL_PORT", "8_0", "'8_0'"),
        ("CHANNEL_POOL_SIZE", "0", "'0'"),
        ("CHANNEL_POOL_SIZE", "1001", "from 1 to 1000"),
        ("CHANNEL_LARGEST_FILE_MB", "2049", "from 1 to 2048"),
        ("CHANNEL_SOCKETS_PER_ADDRESS", "0", "from 1 to 100000"),
        ("CHANNEL_COMPANY_CURRENCY", "usd", "'usd': it must be a currency code of ISO 4217"),
        ("CHANNEL_COMPANY_CURRENCY", "USDX", "'USDX'"),
        ("CHANNEL_COMPANY_CURRENCY", "XYZ", "'XYZ'"),
        ("CHANNEL_TIMEZONE", "Shanghai", "'Shanghai': it must be a time zone"),
        ("CHANNEL_TIMEZONE", "Asia", "'Asia'"),
        ("CHANNEL_TIMEZONE", "../UTC", "'../UTC'"),
        ("CHANNEL_NOW", "soon", "'soon': it must be a moment"),
        ("CHANNEL_NOW", "0001-01-01T00:00+14:00", "it must be a moment"),
        ("CHANNEL_SECURE_COOKIES", "yes", "'yes': it must be auto, on or off"),
        ("CHANNEL_TOKEN", "令牌", "holds characters that no token has"),
        ("CHANNEL_TOKEN", "a\nb", "holds characters that no token has"),
        ("CHANNEL_SECRET", "s" * 31, "31 characters: it must have 32 or more"),
        ("CHANNEL_DATABASE_URL", "mysql://u:hidden@h/d", "'mysql': it must look like postgresql://"),
        ("CHANNEL_OWNER_DATABASE_URL", "postgresql:hidden", "it must look like postgresql://"),
        ("CHANNEL_OWNER_DATABASE_URL", "postgresql://o@h/d", "CHANNEL_DATABASE_URL is not"),
        ("CHANNEL_URL", "channel.example.com", "'channel.example.com': it must look like https://"),
        ("CHANNEL_DATA_DIR", __file__, "which is a file: name a folder"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name_and_what_would_be_right(name: str, value: str, said: str) -> None:
    with pytest.raises(ValueError, match=name) as refused:
        read_settings({name: value})
    assert said in str(refused.value)
    assert "hidden" not in str(refused.value)


def test_the_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    first = Settings(data_dir=folder).secret
    assert len(first) == 64
    assert Settings(data_dir=folder).secret == first
    assert [path.name for path in folder.iterdir()] == ["secret"]
    assert stat.S_IMODE((folder / "secret").stat().st_mode) == 0o600


def test_processes_that_start_together_read_one_secret(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from channel.settings import Settings; input(); print(Settings(data_dir=Path(sys.argv[1])).secret)"  # noqa: E501 - one program
    starters = [
        subprocess.Popen([sys.executable, "-c", code, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    said = {starter.communicate(b"\n", timeout=60)[0] for starter in starters}
    assert len(said) == 1
    assert len(said.pop().strip()) == 64


def test_a_broken_secret_file_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("short")
    with pytest.raises(ValueError, match="remove it to have a new one made"):
        _ = Settings(data_dir=tmp_path).secret


def test_a_data_folder_that_cannot_be_used_is_told_with_its_variable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"CHANNEL_DATA_DIR is .*file/data', which cannot be made \(Not a directory\)"):
        _ = Settings(data_dir=tmp_path / "file" / "data").secret
    (tmp_path / "secret").mkdir()
    with pytest.raises(ValueError, match=r"where .*secret cannot be used \(Is a directory\)"):
        _ = Settings(data_dir=tmp_path).secret


def test_a_moment_without_a_zone_is_in_the_companys() -> None:
    given = read_settings({"CHANNEL_NOW": "2027-03-01T08:00", "CHANNEL_TIMEZONE": "Asia/Shanghai"})
    assert given.now == datetime(2027, 3, 1, tzinfo=UTC)
    assert read_settings({"CHANNEL_NOW": "2027-03-01T08:00+01:00"}).now == datetime(2027, 3, 1, 7, tzinfo=UTC)
    assert read_settings({}).now is None
