"""The reader of the API: every address, what it takes and gives, and a way to try it."""

from typing import Any

from litestar import Request, Response, get

from channel.web.rendering import page

SCHEMA = "/api/schema/openapi.json"
"""Where the app offers its schema."""


@get("/api/docs", opt={"static": True}, include_in_schema=False, sync_to_thread=False)
def show_api(request: Request[Any, Any, Any]) -> Response[str]:
    """The API to read. What it looks like is no secret; to try it a token is entered on the page."""
    return page(request, "api.html", schema=SCHEMA)
