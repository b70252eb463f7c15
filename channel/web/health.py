"""Two addresses for whoever supervises the service; they need neither a sign-in nor the database."""

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import MediaType, Response, get

from channel.database import presence
from channel.database.presence import Away


def _told(status: int) -> Response[bytes]:
    away = presence.away_seconds()
    body: dict[str, Any] = {"database": "there"} if away is None else {"database": "away", "away_seconds": round(away)}
    headers = {"Retry-After": str(Away().after_seconds)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return Response(msgspec.json.encode(body), media_type=MediaType.JSON, status_code=status, headers=headers)


@get("/health/live", opt={"static": True}, include_in_schema=False, sync_to_thread=False)
def live() -> Response[bytes]:
    """The process answers. While the database is away it waits, and ends by itself where that is of no use."""
    return _told(HTTPStatus.OK)


@get("/health/ready", opt={"static": True}, include_in_schema=False, sync_to_thread=False)
def ready() -> Response[bytes]:
    """Requests can be answered: 200 while the database is there, otherwise 503."""
    return _told(HTTPStatus.OK if presence.away_seconds() is None else HTTPStatus.SERVICE_UNAVAILABLE)
