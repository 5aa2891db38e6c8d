"""The exported web application: which file answers an address, and under which policy."""

import gzip
from pathlib import Path
from typing import Any

import orjson
import pytest

from api import pages
from api.pages import Pages
from zipped.errors import SettingsError

FILES = {
    "index.html": b"home",
    "404.html": b"missing",
    "about.html": b"about",
    "zips.html": b"zips",
    "zips/_.html": b"a zip",
    "zips/_.txt": b"a zip's data",
    "zips/_/runs.html": b"its runs",
    "zips/new.html": b"a new zip",
    "docs/index.html": b"docs",
    "_next/static/app.js": b"x" * 2000,
    "picture.png": b"\x89PNG",
    "csp.json": orjson.dumps({"index.html": ["sha256-AAA", "sha256-BBB"]}),
}


@pytest.fixture
def export(tmp_path: Path) -> Path:
    for name, body in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(body)
    return tmp_path


class Said:
    """What an application sends."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.body = b""

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        else:
            self.body += message["body"]


async def get(site: Pages, path: str, method: str = "GET", **headers: str) -> Said:
    said = Said()
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    await site({"type": "http", "method": method, "path": path, "headers": named}, None, said.send)
    return said


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/", b"home"),
        ("/about", b"about"),
        ("/about.html", b"about"),
        ("/zips", b"zips"),
        ("/zips/", b"zips"),
        ("/zips/zip_0199", b"a zip"),
        ("/zips/zip_0199.txt", b"a zip's data"),
        ("/zips/zip_0199/runs", b"its runs"),
        ("/zips/new", b"a new zip"),
        ("/docs", b"docs"),
        ("/picture.png", b"\x89PNG"),
    ],
)
async def test_an_address_has_its_file(export: Path, path: str, body: bytes) -> None:
    said = await get(pages.load(export, https=False), path)
    assert (said.status, said.body) == (200, body)


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/about/x", "/zips/a/b/c", "/../../etc/passwd", "/%2e%2e/etc", "/\x00", "/csp.json", "/zips/a.js/b"],
)
async def test_what_is_not_there(export: Path, path: str) -> None:
    said = await get(pages.load(export, https=False), path)
    assert (said.status, said.body) == (404, b"missing")
    assert said.headers[b"cache-control"] == b"no-store"


async def test_only_named_scripts_run(export: Path) -> None:
    site = pages.load(export, https=True)
    home, about = await get(site, "/"), await get(site, "/about")
    assert b"script-src 'self' 'sha256-AAA' 'sha256-BBB';" in home.headers[b"content-security-policy"]
    assert b"script-src 'self';" in about.headers[b"content-security-policy"]
    for said in (home, about):
        assert said.headers[b"x-content-type-options"] == b"nosniff"
        assert said.headers[b"x-frame-options"] == b"DENY"
        assert said.headers[b"strict-transport-security"] == b"max-age=31536000"
        assert said.headers[b"content-type"] == b"text/html; charset=utf-8"
        assert said.headers[b"cache-control"] == b"no-cache"
    assert b"strict-transport-security" not in (await get(pages.load(export, https=False), "/")).headers


async def test_what_never_changes_is_kept_and_sent_small(export: Path) -> None:
    site = pages.load(export, https=False)
    plain = await get(site, "/_next/static/app.js")
    small = await get(site, "/_next/static/app.js", accept_encoding="gzip, br")
    assert plain.body == gzip.decompress(small.body) == b"x" * 2000
    assert small.headers[b"content-encoding"] == b"gzip"
    assert small.headers[b"content-length"] == str(len(small.body)).encode()
    assert plain.headers[b"cache-control"] == b"public, max-age=31536000, immutable"


async def test_what_is_known_is_not_sent_again(export: Path) -> None:
    site = pages.load(export, https=False)
    etag = (await get(site, "/")).headers[b"etag"].decode()
    said = await get(site, "/", if_none_match=etag)
    assert (said.status, said.body) == (304, b"")


async def test_other_methods(export: Path) -> None:
    site = pages.load(export, https=False)
    assert (await get(site, "/", "HEAD")).status == 200
    said = await get(site, "/", "POST")
    assert (said.status, said.headers[b"allow"]) == (405, b"GET, HEAD")


async def test_without_an_export_a_plain_page_says_where_things_are() -> None:
    site = pages.load(None, https=False)
    said = await get(site, "/")
    assert said.status == 200
    assert b"/graphql" in said.body
    assert (await get(site, "/else")).status == 404


def test_a_folder_that_holds_no_export(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"ZIPPED_WEB_DIR: there is no index.html in .*; build the web application"):
        pages.load(tmp_path, https=False)
    (tmp_path / "index.html").write_text("home")
    (tmp_path / "csp.json").write_text("not json")
    with pytest.raises(SettingsError, match="ZIPPED_WEB_DIR"):
        pages.load(tmp_path, https=False)
