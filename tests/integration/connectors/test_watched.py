"""The way out of a step that is tried: written down as it would leave, masked, and sent only where it may be."""

from typing import Any

import pytest

from tests.integration.connectors.conftest import OpenClient, Receiver
from tests.integration.connectors.performing import opened
from zipped.http import BadUrl, Client, Denied, HostNotBound
from zipped.masking import Redactor
from zipped.steps.watched import MAX_CALLS, NotSent, Watched


async def test_a_preview_is_what_the_client_sends_and_stays_here(client: Client, receiver: Receiver) -> None:
    # given
    url = receiver.answer("/in?q=canary-123456", "{}")
    connection = opened("bearer", {"token": "canary-123456"}, f"127.0.0.1:{receiver.port}")
    request: dict[str, Any] = {
        "headers": {"X-Mine": "canary-123456!"},
        "body": b"\xff\x00",
        "connection": connection,
        "depth": 3,
    }
    shown = Watched(client, send=False, redactor=Redactor(connection.secrets))
    sent = Watched(client, send=True, redactor=Redactor(connection.secrets))

    # when
    with pytest.raises(NotSent) as not_sent:
        await shown.request("POST", url, timeout=5, **request)
    before = list(receiver.seen)
    await sent.request("POST", url, timeout=5, **request)

    # then
    assert not_sent.value.sent is False
    assert before == []
    (call,), (real,) = shown.calls, sent.calls
    assert (call.method, call.url, call.headers, call.body) == (real.method, real.url, real.headers, real.body)
    assert call.url == f"{receiver.url}/in?q=***"
    assert dict(call.headers) == {
        "X-Mine": "***!",
        "Authorization": "***",
        "Content-Type": "application/octet-stream",
        "X-Zipped-Depth": "4",
    }
    assert (call.body.text, call.body.size) == (None, 2)
    assert (call.seconds, call.answer) == (None, None)
    (seen,) = receiver.seen
    assert {name: seen.headers[name] for name in ("x-mine", "authorization", "x-zipped-depth")} == {
        "x-mine": "canary-123456!",
        "authorization": "Bearer canary-123456",
        "x-zipped-depth": "4",
    }


async def test_what_needs_no_network_to_be_refused_is_refused_in_a_preview_too(
    open_client: OpenClient, receiver: Receiver
) -> None:
    # given
    client = await open_client()
    connection = opened("bearer", {"token": "canary-123456"}, "api.example.com")
    shown = Watched(client, send=False, redactor=Redactor())

    # when, then
    with pytest.raises(Denied):
        await shown.request("GET", receiver.url, timeout=5)
    with pytest.raises(BadUrl):
        await shown.request("GET", "ftp://example.com", timeout=5)
    with pytest.raises(HostNotBound):
        await shown.request("GET", "https://example.org", timeout=5, connection=connection)
    assert shown.calls == []
    assert receiver.seen == []


async def test_credentials_are_masked_whoever_wrote_them(client: Client, receiver: Receiver) -> None:
    # given
    url = receiver.answer("/in", "", Set_Cookie="a=b")
    sent = Watched(client, send=True, redactor=Redactor())

    # when
    await sent.request("GET", url, timeout=5, headers={"Cookie": "c=d"})

    # then
    (call,) = sent.calls
    assert call.headers == (("Cookie", "***"),)
    assert call.answer is not None
    assert dict(call.answer.headers)["set-cookie"] == "***"


async def test_only_the_first_calls_are_written_down(client: Client, receiver: Receiver) -> None:
    # given
    url = receiver.answer("/in", "")
    sent = Watched(client, send=True, redactor=Redactor())

    # when
    for _ in range(MAX_CALLS + 3):
        await sent.request("GET", url, timeout=5)

    # then
    assert len(sent.calls) == MAX_CALLS
    assert len(receiver.seen) == MAX_CALLS + 3
