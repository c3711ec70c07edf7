"""The web app's files: index.html with a fresh nonce, and what it loads, compressed and cached."""

from __future__ import annotations

import gzip
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException

from headwater.server.security import new_nonce, page_policy

STATIC = Path(__file__).parent / "static"
IMMUTABLE = "public, max-age=31536000, immutable"
# Scripts and style sheets follow the policy of their page; opened alone they may do nothing. Short: each carries it.
INERT_POLICY = "default-src 'none'; frame-ancestors 'none'"
COMPRESSIBLE = frozenset({".css", ".html", ".js", ".json", ".map", ".mjs", ".svg", ".txt", ".wasm", ".webmanifest"})
MEDIA_TYPES = {
    ".js": "text/javascript",
    ".mjs": "text/javascript",
    ".wasm": "application/wasm",
    ".map": "application/json",
}
SMALLEST_WORTH_COMPRESSING = 400
NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Headwater</title></head>
<body><h1>The web app is not built</h1>
<p>The server runs and its API answers, but the pages are missing from this installation.</p>
<p>In the source folder, run <code>make web</code> and reload this page.</p></body></html>
"""


@dataclass(frozen=True, slots=True)
class Squeezed:
    """A compressed file and the state of the file it was made from."""

    modified: int
    body: bytes


class WebApp:
    """Serves the built web app from `folder`. Compresses a file once, when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._squeezed: dict[Path, Squeezed] = {}

    def page(self, squeezed: bool = False) -> Response:
        """index.html with the nonce of this response in it, or a page that says how to build it.

        `squeezed`: compressed, for a browser that takes that.
        """
        path = self.folder / "index.html"
        if not path.is_file():
            return HTMLResponse(NOT_BUILT, 503, {"Content-Security-Policy": page_policy()})
        nonce = new_nonce()
        text = path.read_text("utf-8").replace("__NONCE__", nonce)
        headers = {"Content-Security-Policy": page_policy(nonce)}
        if not squeezed:
            return HTMLResponse(text, headers=headers)
        return HTMLResponse(gzip.compress(text.encode("utf-8"), 9), headers=headers | {"Content-Encoding": "gzip"})

    def respond(self, path: str, request: Request) -> Response:
        """The file at `path`, or the page for an address that only the web app knows.

        Raises HTTPException 404 for a missing file.
        """
        found = self._find(path)
        if found is not None and found.name != "index.html":
            return self._file(found, request)
        if path.startswith(("assets/", "api/", "v1/")) or path in ("api", "v1", "assets"):
            raise HTTPException(404)
        if path and found is None and "text/html" not in request.headers.get("accept", ""):
            raise HTTPException(404)
        return self.page(squeezed="gzip" in request.headers.get("accept-encoding", ""))

    def _find(self, path: str) -> Path | None:
        """The file of the built app that `path` names; None where there is none inside the folder."""
        if not path or "\0" in path or "\\" in path:
            return None
        try:
            found = (self.folder / path).resolve()
            return found if found.is_relative_to(self.folder) and found.is_file() else None
        except OSError:  # a name longer than the file system takes is a file that is not there
            return None

    def _file(self, path: Path, request: Request) -> Response:
        lasting = path.is_relative_to(self.folder / "assets")
        wasm = path.name.startswith("pdf.worker")
        media_type = MEDIA_TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        headers = {
            "Cache-Control": IMMUTABLE if lasting else "no-cache",
            "Content-Security-Policy": page_policy(wasm=wasm) if wasm or not lasting else INERT_POLICY,
            "Vary": "Accept-Encoding",
        }
        state = path.stat()
        small = state.st_size < SMALLEST_WORTH_COMPRESSING
        if small or path.suffix not in COMPRESSIBLE or "gzip" not in request.headers.get("accept-encoding", ""):
            return FileResponse(path, headers=headers, media_type=media_type)
        tag = f'"{state.st_mtime_ns:x}-{state.st_size:x}-gz"'
        headers |= {"Content-Encoding": "gzip", "ETag": tag}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(self._compressed(path, state.st_mtime_ns), headers=headers, media_type=media_type)

    def _compressed(self, path: Path, modified: int) -> bytes:
        ready = self._squeezed.get(path)
        if ready is None or ready.modified != modified:
            beside = path.with_name(path.name + ".gz")
            body = beside.read_bytes() if beside.is_file() else gzip.compress(path.read_bytes(), 9, mtime=0)
            ready = self._squeezed[path] = Squeezed(modified, body)
        return ready.body


def router(app: WebApp) -> APIRouter:
    """Every address that no other router took. Include it last."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/{path:path}", methods=["GET", "HEAD"])
    def web(path: str, request: Request) -> Response:
        return app.respond(path, request)

    return routes
