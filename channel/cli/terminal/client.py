"""How a command reaches the service: over HTTP, over the socket of the one that runs here, or in its own process.

All ways speak the same API as the same person, so a command is written once and can do no more than its person. What
only the last way needs, the application itself, is imported when it comes to that.
"""

import functools
import json
import os
import secrets
import ssl
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, urlsplit

import click
import httpx
from platformdirs import user_config_dir

from channel.cli.terminal.environment import chosen_settings
from channel.cli.terminal.local_socket import running_nearby
from channel.cli.terminal.output import inform
from channel.cli.terminal.progress import bars
from channel.cli.terminal.words import language, say
from channel.digits import whole_number
from channel.settings import Settings

_SECONDS = httpx.Timeout(300.0, connect=10.0)
_INSIDE = "http://channel.localhost"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost", "channel.localhost"})
_SIGN_IN, _CONFLICT, _AWAY = 401, 409, 503
_LONGEST_WAIT = 600
_MOST_WAITS = 300
"""So often the service is asked whether it has done what it was asked for before the connection was lost."""


class Failure(click.ClickException):
    """The service refused, or could not be reached; printed as sentences, exit code 1.

    `wrong` are the fields that are, each with why; `after_seconds` says when to come again, where the service says that
    it is away for a moment.
    """

    def __init__(
        self,
        title: str,
        details: tuple[str, ...] = (),
        status: int | None = None,
        expected: Mapping[str, str] | None = None,
        after_seconds: int | None = None,
        wrong: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(title)
        self.after_seconds = after_seconds
        self.details = details
        self.status = status
        self.expected = expected or {}
        self.wrong = wrong

    def named(self, options: Mapping[str, str]) -> "Failure":
        """The same where fields are called by the options that gave them."""
        wrong = tuple((options.get(field, field), said) for field, said in self.wrong)
        return Failure(self.message, self.details, self.status, self.expected, self.after_seconds, wrong)

    def show(self, file: Any = None) -> None:  # noqa: ANN401 - click's signature
        """Print the refusal and, line by line, what is wrong with which field."""
        click.echo(self.message, err=True, file=file)
        for line in (*(f"{field}: {said}" for field, said in self.wrong), *self.details):
            click.echo(f"  {line}", err=True, file=file)


@dataclass(frozen=True, slots=True)
class Api:
    """The service's API as one person; every call gives the decoded answer or raises Failure."""

    client: httpx.Client
    place: str

    def get(self, path: str, /, **query: object) -> Any:  # noqa: ANN401 - JSON
        """What stands at a path; query parameters that are None are left out."""
        return self._answer(self._request("GET", path, params=_query(query)))

    def post(self, path: str, body: object = None, /, **query: object) -> Any:  # noqa: ANN401 - JSON
        """Carry out an act, once."""
        return self._answer(self._once(path, params=_query(query), json=body))

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
        """Send files and form fields, once; a bar shows how much has gone. The files are never whole in memory."""

        def opened(stack: ExitStack) -> Mapping[str, tuple[str, BinaryIO]]:
            shown = stack.enter_context(bars(size=True))
            return {
                name: (
                    file.name,
                    stack.enter_context(shown.open(file, "rb", description=say("Sending %(file)s", file=file.name))),
                )
                for name, file in files.items()
            }

        return self._answer(self._once(path, files=opened, data=dict(fields)))

    def download(self, path: str, to: BinaryIO, /, **query: object) -> None:
        """Copy what stands at a path into an open file."""
        with self._told(), self.client.stream("GET", path, params=_query(query)) as response:
            if not response.is_success:
                response.read()
                raise _failure(response)
            to.writelines(response.iter_bytes())

    def _request(self, method: str, path: str, **arguments: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own
        with self._told():
            return self.client.request(method, path, **arguments)

    def _once(
        self,
        path: str,
        *,
        files: Callable[[ExitStack], Mapping[str, tuple[str, BinaryIO]]] | None = None,
        **rest: Any,  # noqa: ANN401 - httpx's own
    ) -> httpx.Response:
        """Ask for an act under a key of its own: where the connection is lost, once more, and it is done once.

        While the service carries the first request out still, it says so and is asked again until it is done.
        """
        headers = {"idempotency-key": secrets.token_urlsafe()}

        def sent() -> httpx.Response:
            with ExitStack() as stack:
                brought = None if files is None else files(stack)
                return self.client.request("POST", path, headers=headers, files=brought, **rest)

        with self._told():
            try:
                return sent()
            except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
                inform("The connection was lost: the same is asked for once more.")
            for _ in range(_MOST_WAITS):
                answer = sent()
                if answer.status_code != _CONFLICT or "retry-after" not in answer.headers:
                    break
                time.sleep(whole_number(answer.headers["retry-after"], _LONGEST_WAIT) or 1)
            return answer

    @contextmanager
    def _told(self) -> Iterator[None]:
        """A fault on the way is a sentence that names the place."""
        try:
            yield
        except httpx.TimeoutException:
            raise Failure(say("%(place)s did not answer in time.", place=self.place)) from None
        except httpx.TransportError as fault:
            why = str(fault) or type(fault).__name__
            raise Failure(
                say("%(place)s cannot be reached: %(why)s.", place=self.place, why=why),
                (say("Does it run there? CHANNEL_URL says where the commands look for it."),),
            ) from None

    def _answer(self, response: httpx.Response) -> Any:  # noqa: ANN401 - JSON
        if not response.is_success:
            raise _failure(response)
        if not response.content:
            return None
        try:
            return response.json()
        except ValueError:
            title = say("%(place)s answers, but not as channel does.", place=self.place)
            raise Failure(title, (say("Is CHANNEL_URL right?"),)) from None


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
    if response.has_redirect_location:
        title = say(
            "The service is elsewhere: %(place)s. Set CHANNEL_URL to where it is.",
            place=response.headers["location"],
        )
    # With errors, the detail is their sum for whoever reads no lists.
    details = [str(body["detail"])] if body.get("detail") and not body.get("errors") else []
    wrong = []
    for each in body.get("errors") or ():
        expected = say(" (expected: %(what)s)", what=each["expected"]) if each.get("expected") else ""
        wrong.append((str(each.get("field")), f"{each.get('reason')}{expected}"))
    if response.status_code == _SIGN_IN:
        details.append(say("Sign in with `channel login`, or set CHANNEL_TOKEN."))
    wanted = {str(each.get("field")): str(each.get("expected")) for each in body.get("errors") or ()}
    again = response.headers.get("retry-after") if response.status_code == _AWAY else None
    after = None if again is None else whole_number(again, _LONGEST_WAIT)
    return Failure(str(title), tuple(details), response.status_code, wanted, after, tuple(wrong))


@contextmanager
def connected_to(settings: Settings, *, token: str | None) -> Iterator[Api]:
    """The API of the server at `settings.url`; else of the service that runs on the data folder; else of one inside.

    The one inside is opened for this command, over the database of the data folder.
    """
    headers = {"accept-language": language(), "user-agent": "channel-cli"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    with ExitStack() as stack:
        transport: httpx.BaseTransport | None = None
        url, place = settings.url, settings.url or say("The service in %(folder)s", folder=settings.data_dir)
        if url is None:
            url = _INSIDE
            socket = None if settings.database_url else running_nearby(settings.data_dir)
            if socket is not None:
                transport = httpx.HTTPTransport(uds=str(socket), verify=_trusting(url))
            else:
                transport = stack.enter_context(_inside(settings))
        elif token and url.startswith("http:") and not _is_here(url):
            inform("Beware: the token goes to %(url)s in clear; use https.", url=url)
        # What stays on this machine goes through nobody's proxy.
        client = httpx.Client(
            base_url=url,
            headers=headers,
            timeout=_SECONDS,
            transport=transport,
            trust_env=not _is_here(url),
            verify=_trusting(url),
        )
        yield Api(stack.enter_context(client), place)


def _is_here(url: str) -> bool:
    return urlsplit(url).hostname in _LOOPBACK


def _trusting(url: str) -> bool | ssl.SSLContext:
    """Whom to trust: over https the usual authorities; otherwise nobody, which spares reading all of them."""
    return True if url.startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _inside(settings: Settings) -> AbstractContextManager[httpx.BaseTransport]:
    from channel.cli.operator.own_service import opened_inside  # noqa: PLC0415 - the whole application, seconds of every command

    return opened_inside(settings)


def part(text: str) -> str:
    """A code or a name as one part of a path, whatever characters it has."""
    return quote(text, safe="")


def connected(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the API as its first argument, as the person of CHANNEL_TOKEN or of `channel login`."""

    @functools.wraps(command)
    def with_api(*args: object, **options: object) -> object:
        settings = chosen_settings()
        with connected_to(settings, token=settings.token or stored_token(settings)) as api:
            return command(api, *args, **options)

    return with_api


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
        raise Failure(say("%(file)s cannot be read: remove it and sign in again.", file=_store())) from None
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
