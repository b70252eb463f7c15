"""`channel run` as a user has it: started, stopped, killed, started again, and refused with a sentence."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from channel.database.embedded import EmbeddedPostgres
from tests.cli.installed import PASSWORD, PATIENCE, command, environment, free_port, running


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="channel-run-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder
        # Whatever a failed test left running ends with its last user.
        left = EmbeddedPostgres(folder / "postgres")
        left.start()
        left.stop()


@pytest.fixture(scope="module")
def with_ada() -> Iterator[Path]:
    """A folder with an administrator in it, whose database stays up meanwhile: the commands join it."""
    with tempfile.TemporaryDirectory(prefix="channel-ada-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        with EmbeddedPostgres(folder / "postgres"):
            answer = command("user", "add", "ada", "--password-stdin", data=folder, typed="seven brave words\n")
            assert answer.returncode == 0, answer.stderr
            yield folder


def postgres_lives(data: Path) -> bool:
    """Whether a process of this folder's server is left; its command line names the folder."""
    mark = os.fsencode(data / "postgres")
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark in entry.read_bytes():
                return True
        except OSError:
            continue
    return False


needs_proc = pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="there is no /proc to look into")


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_and_counts_as_success(data: Path, number: signal.Signals) -> None:
    port = free_port()
    with running(data, port) as process:
        assert httpx.get(f"http://127.0.0.1:{port}/api/v1/me").status_code == 401
        assert postgres_lives(data)
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
    assert not postgres_lives(data)


@needs_proc
def test_a_killed_service_recovers_at_the_next_start(data: Path) -> None:
    with running(data, free_port()) as process:
        process.kill()
        process.wait(PATIENCE)
    assert postgres_lives(data), "nobody was left to stop it"
    port = free_port()
    with running(data, port) as process:
        assert httpx.get(f"http://127.0.0.1:{port}/api/v1/me").status_code == 401
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    assert not postgres_lives(data)


def test_a_connection_goes_on_after_a_large_upload(with_ada: Path) -> None:
    """The reader that waited in the middle of the upload does not bring that request's context into the next one."""
    port = free_port()
    with (
        running(with_ada, port) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client,
    ):
        wish = {"login": "ada", "password": PASSWORD, "name": "test", "days": 1}
        token = client.post("/api/v1/sign-in", json=wish).json()["token"]
        client.headers["authorization"] = f"Bearer {token}"
        large = b"code,name\n" + b"D1,a dealer\n" * 500_000
        options = {"options": '{"kind": "dealers"}'}
        for _ in range(3):
            answer = client.post("/api/v1/imports", data=options, files={"file": ("large.csv", large)})
            assert answer.status_code < 500, answer.text
            assert client.get("/api/v1/me").status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0


@pytest.mark.parametrize(("trusted", "seen"), [("127.0.0.1", "203.0.113.7"), ("192.0.2.1", "127.0.0.1")])
def test_the_address_behind_a_trusted_proxy_is_the_clients(with_ada: Path, trusted: str, seen: str) -> None:
    """What the proxy adds stands last and is believed; what a client wrote before it is not, nor another's word."""
    port = free_port()
    with (
        running(with_ada, port, FORWARDED_ALLOW_IPS=trusted) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client,
    ):

        def wish(password: str, address: str) -> httpx.Response:
            body = {"login": "ada", "password": password, "name": "test", "days": 1}
            headers = {"x-forwarded-for": f"198.51.100.1, {address}"}
            return client.post("/api/v1/sign-in", json=body, headers=headers)

        assert [wish("a guess", "203.0.113.7").status_code for _ in range(3)] == [401] * 3
        client.headers["authorization"] = f"Bearer {wish(PASSWORD, '203.0.113.8').json()['token']}"
        told = client.get("/api/v1/people/ada").json()["last_failed"]
        assert [each["address"] for each in told[:3]] == [seen] * 3
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0


def test_a_port_in_use_is_named_before_anything_is_started(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        answer = command("run", data=data / "untouched", CHANNEL_PORT=str(port))
    assert answer.returncode == 1
    assert f"Port {port} on 127.0.0.1 is in use" in answer.stderr
    assert "PORT=" in answer.stderr
    assert not (data / "untouched").exists()


def test_an_address_of_another_machine_is_refused(data: Path) -> None:
    answer = command("run", data=data / "untouched", CHANNEL_PORT=str(free_port()), CHANNEL_HOST="192.0.2.1")
    assert answer.returncode == 1
    assert "192.0.2.1 is not an address of this machine" in answer.stderr


@pytest.mark.parametrize(
    ("setting", "value"), [("CHANNEL_PORT", "eighty"), ("CHANNEL_COMPANY_CURRENCY", "dollar"), ("PORT", "0")]
)
def test_a_wrong_setting_is_named_and_is_wrong_usage(data: Path, setting: str, value: str) -> None:
    answer = command("run", data=data / "untouched", **{setting: value})
    assert answer.returncode == 2
    assert setting in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_backup_is_restored_into_another_folder(with_ada: Path, data: Path, tmp_path: Path) -> None:
    file = tmp_path / "channel.backup"
    assert command("backup", str(file), data=with_ada).returncode == 0
    assert file.stat().st_mode & 0o077 == 0
    answer = command("restore", str(file), data=data / "restored")
    assert answer.returncode == 0, answer.stderr
    second = command("user", "add", "bob", "--password-stdin", data=data / "restored", typed="seven brave words\n")
    assert second.returncode == 1, "ada came with the backup, so that the operator adds nobody any more"


def test_data_that_is_there_is_not_replaced_unasked(with_ada: Path, tmp_path: Path) -> None:
    file = tmp_path / "channel.backup"
    assert command("backup", str(file), data=with_ada).returncode == 0
    unasked = command("restore", str(file), data=with_ada)
    assert (unasked.returncode, "Replace all of it?" in unasked.stderr) == (1, True)
    assert command("restore", str(file), "--yes", data=with_ada).returncode == 0


def test_everything_that_is_kept_is_computed_again_and_agrees(with_ada: Path) -> None:
    answer = command("reconcile", "--format", "json", data=with_ada)
    assert answer.returncode == 0, answer.stderr
    assert {row["differences"] for row in json.loads(answer.stdout)} == {0}


def test_a_file_that_is_no_backup_changes_nothing(with_ada: Path, tmp_path: Path) -> None:
    data = with_ada
    file = tmp_path / "letter.txt"
    file.write_text("Dear Sirs")
    answer = command("restore", str(file), "--yes", data=data)
    assert answer.returncode == 1
    assert "Traceback" not in answer.stderr
    assert command("migrate", data=data).returncode == 0


def test_the_operator_adds_the_first_administrator_and_nobody_after(data: Path) -> None:
    def add(login: str, password: str, *more: str) -> "subprocess.CompletedProcess[str]":
        return command("user", "add", login, "--password-stdin", *more, data=data / "new", typed=password + "\n")

    short = add("ada", "short")
    assert (short.returncode, "password: " in short.stderr) == (1, True)
    assert add("ada", "seven brave words", "--role", "finance").returncode == 2
    assert add("ada", "seven brave words").returncode == 0
    second = add("bob", "seven brave words")
    assert second.returncode == 1
    assert "Traceback" not in second.stderr


def test_a_person_signs_in_on_the_command_line_and_out_again(with_ada: Path) -> None:
    data = with_ada
    wrong = command("login", "--login", "ada", "--password-stdin", data=data, typed="seven wrong words\n")
    assert (wrong.returncode, "password is wrong" in wrong.stderr) == (1, True)
    nobody = command("whoami", data=data)
    assert (nobody.returncode, "channel login" in nobody.stderr) == (1, True)

    right = command("login", "--login", "ada", "--password-stdin", data=data, typed="seven brave words\n")
    assert right.returncode == 0, right.stderr
    kept = data / "config" / "channel" / "tokens.json"
    assert kept.stat().st_mode & 0o077 == 0
    token = next(iter(json.loads(kept.read_text()).values()))
    assert token not in right.stdout + right.stderr

    assert json.loads(command("whoami", "--format", "json", data=data).stdout)["login"] == "ada"
    stranger = command("whoami", data=data, CHANNEL_TOKEN="not a token")
    assert (stranger.returncode, "API token" in stranger.stderr) == (1, True)

    assert command("logout", data=data).returncode == 0
    assert command("whoami", data=data).returncode == 1
    assert command("whoami", data=data, CHANNEL_TOKEN=token).returncode == 1, "it was revoked, not only forgotten"


def test_the_command_line_speaks_to_a_running_server(with_ada: Path) -> None:
    data = with_ada
    port = free_port()
    with running(data, port):
        url = f"http://127.0.0.1:{port}"
        typed = "seven brave words\n"
        assert (
            command("login", "--login", "ada", "--password-stdin", data=data, typed=typed, CHANNEL_URL=url).returncode
            == 0
        )
        assert "ada" in command("whoami", data=data, CHANNEL_URL=url).stdout
        assert command("whoami", data=data).returncode == 1, "a token goes to the server it came from and to no other"
    gone = command("whoami", data=data, CHANNEL_URL=url)
    assert (gone.returncode, "cannot be reached" in gone.stderr) == (1, True)


def test_commands_find_the_service_that_runs_on_their_data_folder(with_ada: Path) -> None:
    data = with_ada
    kept = data / "service.socket"
    kept.unlink(missing_ok=True)
    with running(data, free_port()) as process:
        assert kept.stat().st_mode & 0o077 == 0, "only the folder's account may connect"
        signed = command("login", "--login", "ada", "--password-stdin", data=data, typed="seven brave words\n")
        assert signed.returncode == 0, signed.stderr
        asked = (sys.executable, "-X", "importtime", "-m", "channel.cli", "whoami", "--format", "json")
        answer = subprocess.run(
            asked, env=environment(data), capture_output=True, text=True, timeout=PATIENCE, check=True, cwd="/"
        )
        assert json.loads(answer.stdout)["login"] == "ada"
        assert "litestar" not in answer.stderr
        process.kill()
        process.wait(PATIENCE)
    assert kept.exists(), "a killed service takes nothing away"
    assert json.loads(command("whoami", "--format", "json", data=data).stdout)["login"] == "ada"
    with running(data, free_port()) as process:
        again = command("whoami", "--format", "json", data=data)
        assert json.loads(again.stdout)["login"] == "ada"
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    assert not kept.exists()
    assert command("logout", data=data).returncode == 0
