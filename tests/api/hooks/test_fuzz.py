"""Whatever bytes come: never a 5xx, and what was answered with 202 is kept to the last byte."""

import asyncio
import re

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.hooks.ledger import rows
from tests.fixtures.hooks import MakeHook
from tests.fixtures.serving import Serving
from zipped import ids
from zipped.db import Database

same_server = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)

json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
odd_json = st.sampled_from(
    [
        b"NaN",
        b"[1e400]",
        b"-0",
        b"[Infinity]",
        b'"\\ud800"',
        b'"\\u0000"',
        b'{"__proto__":{"a":1}}',
        b'{"a":1,"a":2}',
        b"[" * 2000 + b"]" * 2000,
        b"9" * 5000,
        b"\xef\xbb\xbf{}",
        '{"a":1}'.encode("utf-16"),
        b'"\xed\xa0\x80"',
    ]
)
bodies = st.binary(max_size=600) | odd_json | json_values.map(lambda value: orjson_or_text(value))
media = st.sampled_from(
    ["application/json", "application/problem+json", "text/plain", "application/x-www-form-urlencoded"]
)
header_text = st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f"), max_size=250)


def orjson_or_text(value: object) -> bytes:
    """JSON where it can be written, else the same with what must not stand in it."""
    try:
        return orjson.dumps(value)
    except (orjson.JSONEncodeError, TypeError):
        return repr(value).encode("utf-8", "surrogatepass")


@same_server
@given(body=bodies, content_type=media, key=header_text, depth=st.none() | header_text, query=st.binary(max_size=30))
async def test_any_body_is_kept_or_refused(
    server: Serving,
    make_hook: MakeHook,
    database: Database,
    body: bytes,
    content_type: str,
    key: str,
    depth: str | None,
    query: bytes,
) -> None:
    # given
    hook = await make_hook()
    raw_query = "".join(f"%{byte:02x}" for byte in query)
    headers = [
        ("Host", "x"),
        ("Content-Type", content_type),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    ]
    headers += [("Idempotency-Key", key)] + ([("X-Zipped-Depth", depth)] if depth is not None else [])
    head = "".join(f"{name}: {text}\r\n" for name, text in headers)

    # when
    said = await server.raw(f"POST {hook.path}?{raw_query} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body)

    # then
    status = int(said.split(b" ", 2)[1])
    assert status in (202, 400)
    if status == 202:
        event_id = ids.decode(orjson.loads(said.rpartition(b"\r\n\r\n")[2])["eventId"], "evt")
        [stored] = await rows(
            database,
            "select b.body, e.query from event e join event_body b on b.event_id = e.id where e.id = :id",
            id=event_id,
        )
        assert stored.body == body
        assert stored.query == raw_query.encode()


@same_server
@given(data=st.data())
async def test_any_bytes_on_the_socket(server: Serving, make_hook: MakeHook, data: st.DataObject) -> None:
    # given: a good request, bent somewhere
    hook = await make_hook()
    good = f"POST {hook.path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(len(good), start + 20)))
    bent = good[:start].encode() + data.draw(st.binary(max_size=30)) + good[end:].encode()

    # when: the client has no more to say
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        writer.write(bent + b"\r\n\r\n\r\n")
        writer.write_eof()
        async with asyncio.timeout(10):
            said = await reader.read()
    except ConnectionError:
        said = b""
    finally:
        writer.close()

    # then
    for status in re.findall(rb"HTTP/1.1 (\d+)", said):
        assert int(status) < 500


async def test_the_door_is_still_as_it_was(server: Serving, make_hook: MakeHook) -> None:
    hook = await make_hook()
    assert (await server.post(hook.path)).status == 202
