"""The studio's pages: static files, and its index for every address that a browser opens and the API does not have.

`make studio` builds them into `server/studio/`; where that folder is absent, the API alone is served. Files are known
when the server starts, so that no address reaches any other file. Knows no route but the names of those that are not
the studio's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import FileResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from yozora.server.http import ranges

FOLDER: Final = Path(__file__).parents[1] / "studio"
INDEX: Final = "index.html"
BASE: Final = b'<base href="/">'
"""In the index: it names the folder of a proxy, so that addresses of files need not be known when it is built."""

API: Final = ("v1", "openai", "docs", "openapi.json", "healthz", "readyz", "metrics", "s")
"""First parts of paths that are never the studio's."""

HASHED: Final = "assets"
"""The folder of files whose names hold a hash of what is in them."""
ENCODINGS: Final[Mapping[str, str]] = MappingProxyType({"br": ".br", "gzip": ".gz"})
KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".json": "application/json",
        ".webmanifest": "application/manifest+json",
        ".svg": "image/svg+xml",
        ".png": "image/png",
        ".webp": "image/webp",
        ".ico": "image/x-icon",
        ".woff2": "font/woff2",
        ".wasm": "application/wasm",
        ".txt": "text/plain; charset=utf-8",
    }
)
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # attributes of elements; scripts are never inline
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "manifest-src 'self'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
SAFE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "content-security-policy": POLICY,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
    }
)
FOREVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFile:
    """A file of the studio, and its precompressed forms by the names of their encodings."""

    path: Path
    kind: str
    etag: str
    cache: str
    encoded: Mapping[str, Path]


def are_built(folder: Path | None = None) -> bool:
    """Whether there are pages."""
    return ((folder or FOLDER) / INDEX).is_file()


class Pages:
    """Answers what is the studio's, and leaves everything else to the API."""

    def __init__(self, app: ASGIApp, folder: Path) -> None:
        self.app = app
        self.files = {path: _described(folder / path) for path in _names(folder)}
        self.index = (folder / INDEX).read_bytes()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._page_or_file(scope) if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") else None
        await (answer or self.app)(scope, receive, send)

    def _page_or_file(self, scope: Scope) -> Response | None:
        root = scope.get("root_path", "")
        name = scope["path"].removeprefix(root).lstrip("/")
        if name.partition("/")[0] in API:
            return None
        headers = Headers(scope=scope)
        if name != INDEX and name in self.files and self.files[name].path.is_file():  # else: they were built again
            return _file_response(self.files[name], headers)
        return self._index_response(root) if is_navigation(headers) else None

    def _index_response(self, root: str) -> Response:
        base = f'<base href="{root.replace("&", "&amp;").replace(chr(34), "&quot;")}/">'
        headers = {**SAFE, "cache-control": "no-cache", "vary": "Accept, Sec-Fetch-Mode"}
        return Response(self.index.replace(BASE, base.encode()), headers=headers, media_type=KINDS[".html"])


def is_navigation(headers: Mapping[str, str]) -> bool:
    """Whether a browser opens an address for someone to look at. It says so with `Sec-Fetch-Mode` to secure origins
    only: where it says nothing, that it wants HTML is enough.
    """
    return "text/html" in headers.get("accept", "") and headers.get("sec-fetch-mode", "navigate") == "navigate"


def _names(folder: Path) -> list[str]:
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return [path.relative_to(folder).as_posix() for path in found if path.suffix not in ENCODINGS.values()]


def _described(path: Path) -> PageFile:
    beside = {name: path.with_name(path.name + suffix) for name, suffix in ENCODINGS.items()}
    return PageFile(
        path=path,
        kind=KINDS.get(path.suffix, "application/octet-stream"),
        etag=sha256(path.read_bytes()).hexdigest()[:32],
        cache=FOREVER if path.parent.name == HASHED else "no-cache",
        encoded={name: other for name, other in beside.items() if other.is_file()},
    )


def _file_response(file: PageFile, headers: Mapping[str, str]) -> Response:
    encoding = next((name for name in file.encoded if name in _accepted(headers.get("accept-encoding", ""))), None)
    tag = f'"{file.etag}{f"-{encoding}" if encoding else ""}"'
    said = {**SAFE, "cache-control": file.cache, "etag": tag, "vary": "Accept-Encoding"}
    if ranges.same(headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=said)
    if encoding is None:
        return FileResponse(file.path, headers=said, media_type=file.kind)
    return FileResponse(file.encoded[encoding], headers={**said, "content-encoding": encoding}, media_type=file.kind)


def _accepted(said: str) -> set[str]:
    """Encodings that a client takes, of a header `Accept-Encoding`."""
    parts = (one.strip().replace(" ", "").lower().partition(";") for one in said.split(","))
    return {name for name, _, weight in parts if weight not in ("q=0", "q=0.0", "q=0.00", "q=0.000")}
