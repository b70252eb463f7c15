"""What an address may be asked: a parameter that nobody reads is refused by its name, never passed over.

A misspelt or unknown filter that is ignored answers another question than the one asked: with more than was wanted.
"""

from collections.abc import Collection
from difflib import get_close_matches

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from channel.errors import FieldError, Invalid, m
from channel.web.days import day_fields
from channel.web.frame import AnyRequest

_KNOWN: dict[HTTPRouteHandler, frozenset[str]] = {}
_DAYS: dict[HTTPRouteHandler, frozenset[str]] = {}
_READING = frozenset({"GET", "HEAD"})
_MOST_TOLD = 20


def learn_questions(app: Litestar) -> None:
    """Collect what every handler may be asked and which of it are days, its dependencies' too; once, at start.

    A handler that reads the address itself names what it reads in its mark `asks`.
    """
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler, model in route.route_handler_map.values():
                own = {each.field_alias for each in model.expected_query_params}
                _KNOWN[handler] = frozenset({*own, *handler.opt.get("asks", ())})
                _DAYS[handler] = day_fields(handler)


def days_of(handler: HTTPRouteHandler) -> frozenset[str]:
    """The fields in which a handler is given days."""
    return _DAYS.get(handler, frozenset())


def check_questions(request: AnyRequest) -> None:
    """Refuse what the address is asked beyond what its handler reads; a page's form is asked by its fields alone.

    A handler marked `asks_any` learns only when it runs what it may be asked, and refuses the rest itself.
    """
    handler = request.route_handler
    if handler.opt.get("asks_any") or handler.opt.get("static") or handler not in _KNOWN:
        return
    if request.method in _READING or request.url.path.startswith("/api/"):
        refuse_unknown(request.query_params.keys(), _KNOWN[handler])


def refuse_unknown(asked: Collection[str], known: Collection[str]) -> None:
    """`Invalid` that names each parameter beyond the known ones, with the nearest of those or all."""
    wrong = sorted(set(asked) - set(known))[:_MOST_TOLD]
    if wrong:
        raise Invalid(m("The address is asked what it does not know."), tuple(_unknown(name, known) for name in wrong))


def _unknown(name: str, known: Collection[str]) -> FieldError:
    near = get_close_matches(name, known, 1) or sorted(known)
    expected = m("One of: %(choices)s", choices=", ".join(near)) if near else m("no parameter at all")
    return FieldError(name, m("There is no parameter %(name)s here.", name=name), expected)
