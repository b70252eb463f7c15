"""Pages and fragments: one Jinja environment a language, with the templates of all rooms.

What a macro needs of the request (the address, the form as it was typed, the refusal) lies in a context variable
for as long as a template is drawn, because imported macros do not see the page's own values.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Response
from litestar.template.base import csrf_token
from markupsafe import Markup

from channel.acts import LONGEST_TEXT
from channel.errors import FieldError, Refused
from channel.web import charts, forms, list_cells
from channel.web.assets import static_url
from channel.web.frame import AnyRequest, frame_of, here_of, language_of, used_flash_cookie, viewer_of
from channel.web.language import LANGUAGES, Language, language
from channel.web.texts import LONGEST_DOCUMENT

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class _Drawing:
    """What the macros of the template being drawn may ask for."""

    request: AnyRequest
    language: Language
    refused: Refused | None
    form: Mapping[str, Any] | None
    of: str = ""


@dataclass(frozen=True)
class Returned:
    """A form that was refused: of which act (by its name), why, and what was typed; `chosen` where several were."""

    of: str
    refused: Refused
    form: Mapping[str, str]
    chosen: Mapping[str, list[str]]


def return_form(request: AnyRequest, returned: Returned) -> None:
    """Have the page that is drawn next for this request show a form as it was typed, and why it was refused."""
    request.scope["state"][_RETURNED] = returned


def _returned(request: AnyRequest) -> Returned | None:
    found: Returned | None = request.scope.get("state", {}).get(_RETURNED)
    return found


_RETURNED = "returned_form"
_drawing: ContextVar[_Drawing] = ContextVar("drawing")


def page(
    request: AnyRequest,
    template: str,
    *,
    status_code: int = 200,
    refused: Refused | None = None,
    form: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    **context: object,
) -> Response[str]:
    """A whole page in the reader's language.

    `refused` shows why an act was not carried out, beside the fields that caused it, and sets the status;
    `form` gives the fields back as they were typed.
    """
    frame = frame_of(request)
    returned = _returned(request)
    refused = refused or (returned.refused if returned else None)
    html = render(request, template, refused=refused, form=form, frame=frame, **context)
    return Response(
        html,
        media_type=MediaType.HTML,
        status_code=refused.status if refused else status_code,
        headers={**(refused.headers if refused else {}), **(headers or {}), "Vary": "Cookie, Accept-Language"},
        cookies=[used_flash_cookie()] if frame.flash else [],
    )


def fragment(
    request: AnyRequest,
    template: str,
    *,
    status_code: int = 200,
    refused: Refused | None = None,
    form: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    **context: object,
) -> Response[str]:
    """A part of a page, for htmx to put in its place; `headers` may carry `HX-...` instructions."""
    html = render(request, template, refused=refused, form=form, **context)
    return Response(html, media_type=MediaType.HTML, status_code=status_code, headers=dict(headers or {}))


def render(
    request: AnyRequest,
    template: str,
    *,
    refused: Refused | None = None,
    form: Mapping[str, Any] | None = None,
    **context: object,
) -> str:
    """The text of a template in the reader's language."""
    told = language_of(request)
    returned = _returned(request)
    drawing = _Drawing(request, told, refused, form)
    if returned is not None and form is None:
        drawing = _Drawing(request, told, returned.refused, {**returned.form, **returned.chosen}, returned.of)
    with _drawn(drawing):
        return (
            environment(told.code)
            .get_template(template)
            .render(request=request, viewer=viewer_of(request), refused=refused, **context)
        )


def template_folders() -> list[Path]:
    """Where templates lie: the shared ones first, then each room's."""
    return [ROOT / "templates", *sorted(ROOT.glob("*/templates"))]


@cache
def environment(code: str) -> Environment:
    """The Jinja environment of a language: its texts, filters and charts; an unknown name in a template is an error."""
    told = language(code)
    env = Environment(
        loader=FileSystemLoader(template_folders()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    env.install_gettext_translations(told.texts, newstyle=True)  # type: ignore[attr-defined] # of jinja2.ext.i18n
    env.filters |= {
        "money": told.money,
        "exact": told.exact,
        "number": told.number,
        "percent": told.percent,
        "signed": told.signed,
        "compact": told.compact,
        "date": told.day,
        "month": told.month,
        "datetime": told.moment,
        "weekday": told.weekday,
        "message": told.tell,
        "kept": told.kept,
        "value": told.value,
    }
    env.globals |= {
        "longest_text": LONGEST_TEXT,
        "longest_document": LONGEST_DOCUMENT,
        "language": told,
        "languages": LANGUAGES,
        "static_url": static_url,
        "csrf_token": _csrf_token,
        "csrf_field": _csrf_field,
        "url_with": url_with,
        "url_to": _url_to,
        "request_path": lambda: _drawing.get().request.url.path,
        "asked": _asked,
        "may": _may,
        "typed": _typed,
        "ticked": _ticked,
        "chosen": _chosen,
        "error_of": _error_of,
        "back_here": _back_here,
        "drawn_fields": partial(forms.drawn_fields, told),
        "monthly_chart": partial(charts.monthly, told),
        "sparkline": partial(charts.sparkline, told),
        "meter": partial(charts.meter, told),
        "Series": charts.Series,
        "MeterPart": charts.MeterPart,
        "list_heading": partial(list_cells.heading, told),
        "list_rows": partial(list_cells.table_rows, told),
    }
    return env


@contextmanager
def _drawn(drawing: _Drawing) -> Iterator[None]:
    token = _drawing.set(drawing)
    try:
        yield
    finally:
        _drawing.reset(token)


def url_with(**changes: object) -> str:
    """The page's own address with some of its questions changed; None takes one away. A change starts at page one."""
    request = _drawing.get().request
    asked = [
        (name, value)
        for name, value in parse_qsl(request.url.query, keep_blank_values=False)
        if name not in changes and name != "cursor"
    ]
    asked += [(name, str(value)) for name, value in changes.items() if value is not None]
    return f"{request.url.path}?{urlencode(asked)}" if asked else request.url.path


def _url_to(path: str, **changes: object) -> str:
    """Another address that is asked the same as this page: exports of exactly what is filtered."""
    return path + url_with(**changes).removeprefix(_drawing.get().request.url.path)


def _asked(name: str, otherwise: str = "") -> str:
    """What the address asks under a name."""
    found: str = _drawing.get().request.query_params.get(name, otherwise)
    return found


def _back_here(at: str = "") -> str:
    """This page's address, with its filters: of a form that came back, the address from which it was sent at first."""
    drawing = _drawing.get()
    kept = drawing.form.get("_back") if drawing.form else None
    return kept[-1] if isinstance(kept, list) else here_of(drawing.request) + at


def _csrf_token() -> str:
    """The token for forms; a page drawn outside the door (an address that leads nowhere) takes it from the cookie."""
    request = _drawing.get().request
    return csrf_token({"request": request}) or request.cookies.get("csrftoken", "")


def _csrf_field() -> Markup:
    return Markup('<input type="hidden" name="_csrf_token" value="{}">').format(_csrf_token())


def _may(right: object) -> bool:
    viewer = viewer_of(_drawing.get().request)
    return viewer is not None and viewer.may(right)


def _form(of: str) -> Mapping[str, Any] | None:
    """The form that came back, where it is that of this act, or of a page that has no acts of a declaration."""
    drawing = _drawing.get()
    return drawing.form if drawing.of in ("", of) else None


def _typed(name: str, value: object = None, of: str = "") -> object:
    """What stood in the field when the form came back, else the given value."""
    form = _form(of)
    given = form.get(name, value) if form is not None else value
    return given[-1] if isinstance(given, list) and given else given


def _chosen(name: str, value: object, of: str = "") -> object:
    """All that was chosen under a name when the form came back, else the given values."""
    form = _form(of)
    return value if form is None else form.get(name, [])


def _ticked(name: str, value: object, of: str = "") -> object:
    """Whether a box was ticked: a form that came back without it was sent with the box empty."""
    form = _form(of)
    return name in form if form is not None else value


def _error_of(name: str, of: str = "") -> FieldError | None:
    drawing = _drawing.get()
    refused = drawing.refused if drawing.of in ("", of) else None
    return next((error for error in refused.errors if error.field == name), None) if refused else None
