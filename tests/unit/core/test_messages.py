"""What travels over Kafka, and what does not pass for it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from zipped import messages
from zipped.errors import MalformedMessage

RUN = UUID("0199a3c4-0000-7000-8000-000000000001")
ZIP = UUID("0199a3c4-0000-7000-8000-000000000002")
WORKSPACE = UUID("0199a3c4-0000-7000-8000-000000000003")
CHANGED = messages.RunChanged(
    RUN, ZIP, WORKSPACE, 7, "run.finished", "succeeded", datetime(2026, 11, 22, 12, tzinfo=UTC)
)


def test_a_request_names_its_run_and_nothing_else() -> None:
    raw = messages.RunRequested(RUN).encode()
    assert raw == b'{"v":1,"runId":"run_0199a3c4-0000-7000-8000-000000000001"}'
    assert messages.decode_requested(raw) == messages.RunRequested(RUN)


def test_a_change_survives_the_way_and_stays_small() -> None:
    raw = CHANGED.encode()
    assert raw == (
        b'{"v":1,"runId":"run_0199a3c4-0000-7000-8000-000000000001","zipId":"zip_0199a3c4-0000-7000-8000-000000000002",'
        b'"workspaceId":"wsp_0199a3c4-0000-7000-8000-000000000003","seq":7,"type":"run.finished","status":"succeeded",'
        b'"at":"2026-11-22T12:00:00Z"}'
    )
    assert len(raw) < 300
    assert messages.decode_changed(raw) == CHANGED


@pytest.mark.parametrize(
    "raw",
    [
        None,
        b"",
        b"\xff\x00",
        b"null",
        b"1",
        b"[]",
        b"{}",
        b'{"v":true,"runId":"run_0199a3c4-0000-7000-8000-000000000001"}',
        b'{"v":0,"runId":"run_0199a3c4-0000-7000-8000-000000000001"}',
        b'{"v":"1","runId":"run_0199a3c4-0000-7000-8000-000000000001"}',
        b'{"v":1}',
        b'{"v":1,"runId":1}',
        b'{"v":1,"runId":"zip_0199a3c4-0000-7000-8000-000000000001"}',
        b'{"v":1,"runId":"run_0199a3c4-0000-7000-8000-000000000001","x":"' + b"x" * 2_000_000 + b'"}',
        b"[" * 100_000,
    ],
)
def test_what_is_not_ours_is_malformed(raw: bytes | None) -> None:
    with pytest.raises(MalformedMessage) as caught:
        messages.decode_requested(raw)
    assert not isinstance(caught.value, messages.NewerVersion)
    with pytest.raises(MalformedMessage):
        messages.decode_changed(raw)


def test_a_later_format_is_not_poison() -> None:
    with pytest.raises(messages.NewerVersion):
        messages.decode_requested(b'{"v":2,"run":"anything"}')


def test_a_change_with_wrong_facts_is_malformed() -> None:
    for wrong in (CHANGED.encode().replace(b'"seq":7', b'"seq":"7"'), CHANGED.encode().replace(b"2026-11-22", b"soon")):
        with pytest.raises(MalformedMessage):
            messages.decode_changed(wrong)
