"""How a command reaches the service: over HTTP, or in its own process on the machine of the data folder.

Both ways speak the same API as the same person, so a command is written once and can do no more than its person.
"""

import functools
import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import click
import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from platformdirs import user_config_dir
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from channel import jobs
from channel.app import create_app
from channel.cli.output import tell
from channel.cli.place import chosen_settings, opened
from channel.settings import Settings

_SECONDS = httpx.Timeout(300.0, connect=10.0)
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_LANGUAGE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
_SIGN_IN = 401


class Failure(click.ClickException):
    """The service refused, or could not be reached; printed as sentences, exit code 1."""

    def __init__(self, title: str, details: tuple[str, ...] = (), status: int | None = None) -> None:
        super().__init__(title)
        self.details = details
        self.status = status

    def show(self, file: Any = None) -> None:  # noqa: ANN401 - click's signature
        """Print the refusal and, line by line, what is wrong with which field."""
        click.echo(self.message, err=True, file=file)
        for line in self.details:
            click.echo(f"  {line}", err=True, file=file)


@dataclass(frozen=True, slots=True)
class Api:
    """The service's API as one person; every call gives the decoded answer or raises Failure."""

    client: httpx.AsyncClient
    portal: BlockingPortal

    def get(self, path: str, /, **query: object) -> Any:  # noqa: ANN401 - JSON
        """What stands at a path; query parameters that are None are left out."""
        return self._answer(self._request("GET", path, params=_query(query)))

    def post(self, path: str, body: object = None, /, **query: object) -> Any:  # noqa: ANN401 - JSON
        """Carry out an act."""
        return self._answer(self._request("POST", path, params=_query(query), json=body))

    def put(self, path: str, body: object, /, **query: object) -> Any:  # noqa: ANN401 - JSON
        """Set what stands at a path."""
        return self._answer(self._request("PUT", path, params=_query(query), json=body))

    def patch(self, path: str, body: object, /) -> Any:  # noqa: ANN401 - JSON
        """Change some of what stands at a path."""
        return self._answer(self._request("PATCH", path, json=body))

    def delete(self, path: str, /, **query: object) -> Any:  # noqa: ANN401 - JSON
        """Remove or revoke what stands at a path."""
        return self._answer(self._request("DELETE", path, params=_query(query)))

    def every(self, path: str, /, **query: object) -> Iterator[dict[str, Any]]:
        """All items of a list, page after page."""
        cursor: object = None
        while True:
            page = self.get(path, **query, cursor=cursor)
            yield from page["items"]
            cursor = page.get("next")
            if not cursor:
                return

    def upload(self, path: str, files: Mapping[str, Path], fields: Mapping[str, str], /) -> Any:  # noqa: ANN401 - JSON
        """Send files and form fields; a bar shows how much has gone. The files are never whole in memory."""
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        with Progress(*columns, transient=True) as bars:
            opened_files = {
                name: (file.name, bars.open(file, "rb", description=f"Sending {file.name}"))
                for name, file in files.items()
            }
            return self._answer(self._request("POST", path, files=opened_files, data=dict(fields)))

    def download(self, path: str, to: BinaryIO, /, **query: object) -> None:
        """Copy what stands at a path into an open file."""

        async def copy() -> httpx.Response:
            async with self.client.stream("GET", path, params=_query(query)) as response:
                if response.is_success:
                    async for piece in response.aiter_bytes():
                        to.write(piece)
                else:
                    await response.aread()
                return response

        response = self._call(copy)
        if not response.is_success:
            raise _failure(response)

    def _request(self, method: str, path: str, **arguments: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        return self._call(functools.partial(self.client.request, method, path, **arguments))

    def _call(self, call: Callable[[], Any]) -> httpx.Response:
        try:
            response: httpx.Response = self.portal.call(call)
        except httpx.TimeoutException:
            raise Failure(f"{self.client.base_url} did not answer in time.") from None
        except httpx.TransportError as fault:
            raise Failure(f"{self.client.base_url} cannot be reached: {fault or type(fault).__name__}.") from None
        return response

    @staticmethod
    def _answer(response: httpx.Response) -> Any:  # noqa: ANN401 - JSON
        if not response.is_success:
            raise _failure(response)
        return response.json() if response.content else None


def _query(query: Mapping[str, object]) -> dict[str, Any]:
    return {name: str(v) if not isinstance(v, list | tuple) else v for name, v in query.items() if v is not None}


def _failure(response: httpx.Response) -> Failure:
    try:
        body = response.json()
    except ValueError:
        body = {}
    if not isinstance(body, Mapping):
        body = {}
    title = body.get("title") or f"The service answered {response.status_code} {response.reason_phrase}."
    # With errors, the detail is their sum for whoever reads no lists.
    details = [str(body["detail"])] if body.get("detail") and not body.get("errors") else []
    for wrong in body.get("errors") or ():
        expected = f" (expected: {wrong['expected']})" if wrong.get("expected") else ""
        details.append(f"{wrong.get('field')}: {wrong.get('reason')}{expected}")
    if response.status_code == _SIGN_IN:
        details.append("Sign in with `channel login`, or set CHANNEL_TOKEN.")
    return Failure(str(title), tuple(details), response.status_code)


@contextmanager
def connected_to(settings: Settings, *, token: str | None) -> Iterator[Api]:
    """The API of the server at `settings.url`, or of the installation in the data folder, opened for this command."""
    headers = {"accept-language": _language(), "user-agent": "channel-cli"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    with start_blocking_portal() as portal:
        if settings.url is not None:
            if token and settings.url.startswith("http:") and urlsplit(settings.url).hostname not in _LOOPBACK:
                tell(f"Beware: the token goes to {settings.url} in clear; use https.")
            client = httpx.AsyncClient(base_url=settings.url, headers=headers, timeout=_SECONDS)
            with portal.wrap_async_context_manager(client):
                yield Api(client, portal)
            return
        with opened(settings) as place:
            app = create_app(settings, dsn=place.service_url, background=jobs.running)
            transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type] # two spellings of ASGI's types
            client = httpx.AsyncClient(
                transport=transport, base_url="http://channel.local", headers=headers, timeout=_SECONDS
            )
            fault: BaseException | None = None
            with (
                portal.wrap_async_context_manager(app.lifespan()),
                portal.wrap_async_context_manager(client),
            ):
                # The service inside would wrap a fault of the command into a group of its own; it is kept past its end.
                try:
                    yield Api(client, portal)
                except BaseException as raised:  # noqa: BLE001 - raised again below
                    fault = raised
            if fault is not None:
                raise fault


def connected(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the API as its first argument, as the person of CHANNEL_TOKEN or of `channel login`."""

    @functools.wraps(command)
    def with_api(*args: object, **options: object) -> object:
        settings = chosen_settings()
        with connected_to(settings, token=settings.token or stored_token(settings)) as api:
            return command(api, *args, **options)

    return with_api


def _language() -> str:
    chosen = next((os.environ[name] for name in _LANGUAGE_VARIABLES if os.environ.get(name)), "")
    return "zh" if chosen.startswith("zh") else "en"


def _store() -> Path:
    return Path(user_config_dir("channel")) / "tokens.json"


def _place_of(settings: Settings) -> str:
    """Under which name a token is kept: it is sent to the server it came from and to no other."""
    return settings.url or f"local:{settings.data_dir}"


def _stored() -> dict[str, str]:
    try:
        tokens = json.loads(_store().read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        raise Failure(f"{_store()} cannot be read: remove it and sign in again.") from None
    return {str(name): str(token) for name, token in tokens.items()} if isinstance(tokens, dict) else {}


def stored_token(settings: Settings) -> str | None:
    """The token that `channel login` kept for this server or data folder."""
    return _stored().get(_place_of(settings))


def store_token(settings: Settings, token: str | None) -> None:
    """Keep a token for this server or data folder, readable for its owner alone; None forgets it."""
    tokens = _stored()
    tokens.pop(_place_of(settings), None)
    if token is not None:
        tokens[_place_of(settings)] = token
    store = _store()
    store.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Made aside (mkstemp makes it 0600) and renamed: no moment at which others could read it, or half of it stands.
    handle, aside = tempfile.mkstemp(dir=store.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(tokens, file)
    Path(aside).replace(store)
