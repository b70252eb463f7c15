"""The device's choice of language and light."""

from typing import Annotated, Any

from litestar import Request, Response, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from channel.web.frame import (
    LANGUAGE_COOKIE,
    THEME_COOKIE,
    THEMES,
    in_header,
    keep_language,
    local_path,
    preference_cookie,
)
from channel.web.language import LANGUAGES


@post("/preferences", opt={"open": True}, include_in_schema=False, status_code=303)
async def choose_preferences(
    request: Request[Any, Any, Any], data: Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
) -> Response[None]:
    """Keep the language or the light that was chosen, and go back to the page; an unknown choice changes nothing."""
    cookies = []
    code, theme = data.get("language"), data.get("theme")
    if code and code in LANGUAGES:
        cookies.append(preference_cookie(LANGUAGE_COOKIE, code))
        await keep_language(request, code)
    if theme and theme in THEMES:
        cookies.append(preference_cookie(THEME_COOKIE, theme))
    return Response(
        None, status_code=303, headers={"Location": in_header(local_path(data.get("next")))}, cookies=cookies
    )
