"""What every answer tells the browser to refuse: other origins, inline code, framing, guessing and keeping."""

from typing import Any

from litestar.config.compression import CompressionConfig
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import Message, Scope

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing inline, no eval, nothing from elsewhere."""

SAFE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # Answers are not kept by browsers or proxies unless the handler said otherwise: figures change, and people leave.
    "Cache-Control": "no-store",
}

compression = CompressionConfig(
    backend="gzip",
    gzip_compress_level=4,
    minimum_size=1024,
    # Static files are packed once at their first request; packed twice they would not be readable.
    exclude=["^/static/"],
)
"""For the middleware that packs answers, which stands before the door."""


async def secure(message: Message, scope: Scope) -> None:
    """Put the headers on every answer, errors among them; for `Litestar(before_send=[secure])`."""
    if message["type"] != "http.response.start" or scope["type"] != ScopeType.HTTP:
        return
    headers: Any = MutableScopeHeaders.from_message(message)
    for name, value in SAFE_HEADERS.items():
        headers.setdefault(name, value)
