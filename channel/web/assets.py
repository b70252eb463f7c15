"""Scripts and styles: our own and those of installed packages, each under an address that names its content.

Nothing is looked up on disk by what a request names: the files served are listed here, so there is no way out of
the folder, and a changed file has a changed address, so browsers may keep every answer for good.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from channel.errors import NotFound, m

OWN = Path(__file__).parent.parent / "static"
"""Where our own scripts, styles and pictures lie."""

_VENDOR: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "vendor/htmx.js": ("js_lib_htmx", "static/htmx/htmx.min.js"),
        "vendor/vega.js": ("js_lib_vega_embed", "static/js_lib_vega_embed/vega-embed-full.js"),
        "vendor/swagger-ui.js": ("swagger_ui_bundle", "vendor/swagger-ui-*/swagger-ui-bundle.js"),
        "vendor/swagger-ui.css": ("swagger_ui_bundle", "vendor/swagger-ui-*/swagger-ui.css"),
    }
)
_FOR_GOOD = "public, max-age=31536000, immutable"
_DIGEST_DIGITS = 12


@dataclass(frozen=True)
class Asset:
    """One file as it is sent: its bytes plain and packed, the kind, and the digest of its content."""

    plain: bytes
    packed: bytes
    media_type: str
    digest: str


def static_url(name: str) -> str:
    """The address of a file of ours (`style.css`) or a package's (`vendor/htmx.js`); unknown raises `KeyError`."""
    return f"/static/{asset(name).digest}/{name}"


@cache
def asset(name: str) -> Asset:
    """The file of that name, read once; an unknown one raises `KeyError`."""
    plain = _paths()[name].read_bytes()
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    media_type = "text/javascript" if name.endswith(".js") else kind
    return Asset(
        plain, gzip.compress(plain, 9, mtime=0), media_type, hashlib.sha256(plain).hexdigest()[:_DIGEST_DIGITS]
    )


@get("/static/{digest:str}/{name:path}", opt={"static": True}, include_in_schema=False, sync_to_thread=False)
def static_file(request: Request[Any, Any, Any], digest: FromPath[str], name: FromPath[Path]) -> Response[bytes]:
    """A script or style; under an outdated digest the present file is given, but not to be kept."""
    try:
        found = asset(name.as_posix().lstrip("/"))
    except KeyError:
        raise NotFound(m("There is no such file.")) from None
    packs = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"Cache-Control": _FOR_GOOD if digest == found.digest else "no-cache", "Vary": "Accept-Encoding"}
    if packs:
        headers["Content-Encoding"] = "gzip"
    return Response(found.packed if packs else found.plain, media_type=found.media_type, headers=headers)


@cache
def _paths() -> Mapping[str, Path]:
    paths = {file.relative_to(OWN).as_posix(): file for file in OWN.rglob("*") if file.is_file()}
    for name, (package, pattern) in _VENDOR.items():
        # Found, not imported: the package of htmx would import Django.
        spec = find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise RuntimeError(f"the package {package} is not installed; the pages need its {name}")
        paths[name] = next(Path(next(iter(spec.submodule_search_locations))).glob(pattern))
    return paths
