"""For people who come with a browser: what this is, and the API's documentation, which loads nothing from elsewhere."""

from functools import cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import FileResponse, HTMLResponse

import yozora
from yozora.server.errors import ApiError

router = APIRouter(tags=["front"], include_in_schema=False)

FILES: Final = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "favicon.png": "image/png"}
KEPT: Final = {"cache-control": "public, max-age=86400"}

PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Yozora</title>
<style>
  body {{ max-width: 40rem; margin: 4rem auto; padding: 0 1rem; font: 1rem/1.6 system-ui, sans-serif;
    color: #1b2140; background: #fbfbfd }}
  h1 {{ font-weight: 500 }}
  code, pre {{ font: 0.9rem/1.5 ui-monospace, monospace; background: #eef0f7; border-radius: 4px }}
  code {{ padding: 0.1rem 0.3rem }}
  pre {{ padding: 1rem; overflow-x: auto }}
  a {{ color: #3b4fb8 }}
  small {{ color: #666c86 }}
  @media (prefers-color-scheme: dark) {{
    body {{ color: #dfe3f5; background: #12162a }} code, pre {{ background: #1d2340 }} a {{ color: #9fb0ff }}
  }}
</style>
<h1>Yozora <small lang="ja">夜空</small></h1>
<p>This server turns words, pictures and clips into film. It speaks the Videos API: give the official clients this base
URL, and a key that <code>yozora keys create NAME</code> has printed.</p>
<pre>OPENAI_BASE_URL={base}/v1
OPENAI_API_KEY=yz-...</pre>
<p>Its studio, a place to make films in the browser, is not built here: <code>make studio</code> builds its pages.</p>
<p><a href="{root}/docs">Every call, to be read and tried</a> &middot; <a href="{root}/openapi.json">OpenAPI</a>
&middot; <a href="{root}/healthz">alive</a> &middot; <a href="{root}/readyz">ready</a></p>
<p><small>Version {version}</small></p>
</html>
"""


@router.get("/")
async def front(request: Request) -> HTMLResponse:
    """What this is."""
    base, root = str(request.base_url).rstrip("/"), request.scope.get("root_path", "")
    return HTMLResponse(PAGE.format(base=_escape_html(base), root=_escape_html(root), version=yozora.__version__))


@router.get("/docs")
async def documentation(request: Request) -> HTMLResponse:
    """Swagger UI over the OpenAPI document."""
    root = request.scope.get("root_path", "")
    return get_swagger_ui_html(
        openapi_url=f"{root}/openapi.json",
        title="Yozora: the API",
        swagger_js_url=f"{root}/docs/swagger-ui-bundle.js",
        swagger_css_url=f"{root}/docs/swagger-ui.css",
        swagger_favicon_url=f"{root}/docs/favicon.png",
    )


@router.get("/docs/{name}")
async def file(name: str) -> FileResponse:
    """What the documentation is shown with."""
    if name not in FILES:
        raise ApiError(404, "The file was not found.", kind="not_found_error", code="not_found")
    return FileResponse(_swagger_folder() / name, media_type=FILES[name], headers=KEPT)


@cache
def _swagger_folder() -> Path:
    """Where the package that brings Swagger UI has its files; the package itself is not needed."""
    from importlib.util import find_spec

    found = find_spec("fastapi_offline")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "static"


def _escape_html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
