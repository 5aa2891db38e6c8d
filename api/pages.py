"""Serves the exported web application from memory: what is not in the list of files does not exist.

An address without a file of its own falls to the placeholder of its folder: `/zips/zip_…` is `zips/_.html`, and so
for the data files beside it. The build writes `csp.json`, the hashes of each page's inline scripts by the page's
path, `{"index.html": ["sha256-…"]}`: only those run.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson
from starlette.types import Scope, Send

from zipped.errors import SettingsError

PLACEHOLDER: Final = "_"
ZIPPABLE: Final = ("text/", "application/javascript", "application/json", "image/svg+xml")
MIN_ZIPPED: Final = 1024  # bytes; below that the header outweighs the gain
IMMUTABLE: Final = b"public, max-age=31536000, immutable"

SECURITY: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)

PLAIN: Final = b"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Zipped</title>
<style>body{font:16px/1.5 system-ui;max-width:36rem;margin:15vh auto;padding:0 1rem}</style>
<h1>Zipped is running</h1>
<p>This api serves no web application; <code>ZIPPED_WEB_DIR</code> names the folder of its export.
<p>GraphQL is at <code>/graphql</code>, webhooks at <code>/hooks/&hellip;</code>, health at <code>/readyz</code>.
</html>
"""


@dataclass(frozen=True, slots=True)
class Page:
    """One file, ready to be sent."""

    body: bytes
    zipped: bytes | None
    media: bytes
    etag: bytes
    cache: bytes
    policy: bytes


class Pages:
    """An ASGI application for everything that no other part of the api serves."""

    def __init__(self, files: Mapping[str, Page], *, https: bool) -> None:
        self._files = files
        self._folders = {""} | {folder for path in files for folder in _folders(path)}
        self._common: tuple[tuple[bytes, bytes], ...] = SECURITY
        if https:
            self._common = (*SECURITY, (b"strict-transport-security", b"max-age=31536000"))

    async def __call__(self, scope: Scope, receive: object, send: Send) -> None:
        """Answer one request."""
        if scope["method"] not in ("GET", "HEAD"):
            await self._send(
                send, 405, _page("error.txt", b"Only GET and HEAD work here.\n", ()), (b"allow", b"GET, HEAD")
            )
            return
        page = self.find(scope["path"])
        if page is None:
            missing = self._files.get("404.html") or _page("error.txt", b"There is nothing at this address.\n", ())
            await self._send(send, 404, missing)
            return
        wanted = {name: value for name, value in scope["headers"] if name in (b"if-none-match", b"accept-encoding")}
        if page.etag in wanted.get(b"if-none-match", b""):
            await self._send(send, 304, page, empty=True)
        else:
            await self._send(send, 200, page, zipped=b"gzip" in wanted.get(b"accept-encoding", b""))

    def find(self, path: str) -> Page | None:
        """The file behind an address: itself, its page, its folder's index, or a placeholder."""
        parts = [part for part in path.split("/") if part]
        folder = ""
        for part in parts[:-1]:
            inner = next((name for name in (part, PLACEHOLDER) if f"{folder}{name}/" in self._folders), None)
            if inner is None:
                return None
            folder += f"{inner}/"
        last = parts[-1] if parts else "index"
        _, dot, ending = last.rpartition(".")
        placeholder = f"{PLACEHOLDER}.{ending}" if dot and ending in ("txt", "html") else f"{PLACEHOLDER}.html"
        for name in (last, f"{last}.html", f"{last}/index.html", placeholder):
            if page := self._files.get(folder + name):
                return page
        return None

    async def _send(
        self, send: Send, status: int, page: Page, *more: tuple[bytes, bytes], zipped: bool = False, empty: bool = False
    ) -> None:
        body = b"" if empty else page.zipped if zipped and page.zipped else page.body
        headers = [
            (b"content-type", page.media),
            (b"content-security-policy", page.policy),
            (b"cache-control", page.cache if status in (200, 304) else b"no-store"),
            (b"etag", page.etag),
            (b"vary", b"Accept-Encoding"),
            *self._common,
            *more,
        ]
        if not empty:
            headers.append((b"content-length", b"%d" % len(body)))
            if body is page.zipped:
                headers.append((b"content-encoding", b"gzip"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def load(folder: Path | None, *, https: bool) -> Pages:
    """The export in `folder`, or a page that says there is none. Raises SettingsError when it can't be read."""
    if folder is None:
        return Pages({"index.html": _page("index.html", PLAIN, ())}, https=https)
    try:
        policies: Mapping[str, list[str]] = {}
        if (policy_file := folder / "csp.json").exists():
            policies = orjson.loads(policy_file.read_bytes())
        paths = sorted(path for path in folder.rglob("*") if path.is_file() and path != policy_file)
        names = [path.relative_to(folder).as_posix() for path in paths]
        files = {
            name: _page(name, path.read_bytes(), tuple(policies.get(name, ())))
            for name, path in zip(names, paths, strict=True)
        }
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise SettingsError(f"ZIPPED_WEB_DIR: the export in {folder} can't be read: {error}.") from error
    if "index.html" not in files:
        raise SettingsError(f"ZIPPED_WEB_DIR: there is no index.html in {folder}; build the web application first.")
    return Pages(files, https=https)


def _page(name: str, body: bytes, hashes: tuple[str, ...]) -> Page:
    media = mimetypes.guess_type(name)[0] or "application/octet-stream"
    worth = len(body) >= MIN_ZIPPED and media.startswith(ZIPPABLE)
    return Page(
        body=body,
        zipped=gzip.compress(body, 6, mtime=0) if worth else None,
        media=f"{media}; charset=utf-8".encode() if media.startswith("text/") else media.encode(),
        etag=b'"%b"' % hashlib.sha256(body).hexdigest()[:32].encode(),
        cache=IMMUTABLE if name.startswith("_next/static/") else b"no-cache",
        policy=_policy(hashes),
    )


def _policy(hashes: tuple[str, ...]) -> bytes:
    scripts = " ".join(["'self'", *(f"'{one}'" for one in hashes)])
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ).encode()


def _folders(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:end]) + "/" for end in range(1, len(parts) + 1)]
