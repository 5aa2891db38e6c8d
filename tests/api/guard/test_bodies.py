"""Bodies of a wrong length, of any length, and those that no parser should see on the loop."""

import io

import pytest

from api.hooks import json_flaws
from api.hooks.json_flaws import Flaw
from tests.api.guard.sending import drip, first_line, forever, head
from tests.api.hooks.ledger import counts
from tests.fixtures.hooks import MakeHook
from tests.fixtures.serving import Serving
from zipped.db import Database


async def test_a_bad_chunk_ends_the_request_and_stores_nothing(
    server: Serving, make_hook: MakeHook, database: Database
) -> None:
    hook = await make_hook()
    said = await server.raw(head(hook, "Transfer-Encoding: chunked") + b"2\r\n{}\r\nzz\r\n")
    assert first_line(said) == b"HTTP/1.1 400 Bad Request"
    assert said.count(b"HTTP/1.1") == 1
    assert await counts(database) == (0, 0, 0, 0)


async def test_a_body_longer_than_its_length_is_answered_once_and_cut(
    server: Serving, make_hook: MakeHook, database: Database
) -> None:
    hook = await make_hook()
    said = await server.raw(head(hook, "Content-Length: 2") + b'{}"and more"')
    assert first_line(said) == b"HTTP/1.1 202 Accepted"
    assert said.count(b"HTTP/1.1") == 1
    assert await counts(database) == (1, 1, 0, 1)


@pytest.mark.usefixtures("quick")
async def test_who_sends_ten_megabytes_still_reads_the_413(server: Serving, make_hook: MakeHook) -> None:
    # given: a client that sends first and reads afterwards
    hook = await make_hook()
    body = b"x" * 3_000_000

    # when
    said = [await server.raw(head(hook, f"Content-Length: {len(body)}"), body) for _ in range(5)]

    # then
    assert [first_line(one) for one in said] == [b"HTTP/1.1 413 Request Entity Too Large"] * 5


async def test_a_gigabyte_in_chunks_is_cut_off(server: Serving, make_hook: MakeHook) -> None:
    # given
    hook = await make_hook()
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"

    # when
    said = await drip(server, forever(head(hook, "Transfer-Encoding: chunked"), chunk), every=0)

    # then
    assert said == b"" or first_line(said) == b"HTTP/1.1 413 Request Entity Too Large"


async def test_bodies_no_parser_should_see_on_the_loop(
    server: Serving, make_hook: MakeHook, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: a webhook that takes 10 MiB, and what this process parses itself
    hook = await make_hook(settings={"maxBodyBytes": 10 << 20})
    here: list[int] = []
    find = json_flaws.find

    def noted(body: bytes) -> Flaw | None:
        here.append(len(body))
        return find(body)

    monkeypatch.setattr(json_flaws, "find", noted)
    keys = b"{" + b",".join(b'"%x":1' % number for number in range(1_000_000)) + b"}"
    lists = b"[" + b",".join([b"[]"] * 3_000_000) + b"]"
    broken = keys[:-1] + b",}"

    # when
    said = [await server.post(hook.path, io.BytesIO(body)) for body in (b"{}", keys, lists, broken)]

    # then
    assert [one.status for one in said] == [202, 202, 202, 400]
    error = said[3].json()["error"]
    assert (error["code"], error["line"], error["offset"]) == ("malformed_json", 1, len(broken) - 2)
    assert here == [2]
