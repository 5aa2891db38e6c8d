"""What travels over Kafka: ids and states, never payloads, each under 300 bytes.

A message is a doorbell. Who hears one looks into PostgreSQL; a lost, doubled, forged or reordered message
changes nothing but when somebody looks.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson

from zipped import ids
from zipped.errors import InvalidId, MalformedMessage

EXECUTION: Final = "zip-execution"
RESULT: Final = "zip-result"
VERSION: Final = 1
MAX_BYTES: Final = 1024  # ours stay under 300; more than this was not written by us


@dataclass(frozen=True, slots=True)
class RunRequested:
    """Somebody should look at this run: it is queued, or was. On `zip-execution`, keyed by run id."""

    run_id: UUID

    def encode(self) -> bytes:
        """The message's bytes."""
        return b'{"v":1,"runId":"run_%b"}' % str(self.run_id).encode()


@dataclass(frozen=True, slots=True)
class RunChanged:
    """A run looks different now. On `zip-result`, keyed by run id; it decides nothing."""

    run_id: UUID
    zip_id: UUID
    workspace_id: UUID
    #: The run's own counter of writes.
    seq: int
    #: run.started, run.waiting, run.queued, run.progressed or run.finished.
    type: str
    status: str
    at: datetime

    def encode(self) -> bytes:
        """The message's bytes."""
        return orjson.dumps(
            {
                "v": VERSION,
                "runId": ids.encode("run", self.run_id),
                "zipId": ids.encode("zip", self.zip_id),
                "workspaceId": ids.encode("wsp", self.workspace_id),
                "seq": self.seq,
                "type": self.type,
                "status": self.status,
                "at": self.at,
            },
            option=orjson.OPT_UTC_Z,
        )


class NewerVersion(MalformedMessage):
    """A newer Zipped wrote this message; it isn't poison, and what it means is in the database."""


def decode_requested(raw: bytes | None) -> RunRequested:
    """The run a `zip-execution` message names. Raises MalformedMessage, or NewerVersion for a later format."""
    return RunRequested(run_id=_id(_object(raw), "runId", "run"))


def decode_changed(raw: bytes | None) -> RunChanged:
    """The change a `zip-result` message announces. Raises MalformedMessage, or NewerVersion."""
    body = _object(raw)
    seq, kind, status, at = body.get("seq"), body.get("type"), body.get("status"), body.get("at")
    if not isinstance(seq, int) or not isinstance(kind, str) or not isinstance(status, str) or not isinstance(at, str):
        raise MalformedMessage("seq, type, status and at are a number and three texts.")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise MalformedMessage("at is not a time.") from error
    return RunChanged(
        run_id=_id(body, "runId", "run"),
        zip_id=_id(body, "zipId", "zip"),
        workspace_id=_id(body, "workspaceId", "wsp"),
        seq=seq,
        type=kind,
        status=status,
        at=moment,
    )


def _object(raw: bytes | None) -> dict[str, Any]:
    if raw is None:
        raise MalformedMessage("The message is empty.")
    if len(raw) > MAX_BYTES:
        raise MalformedMessage(f"The message has {len(raw)} bytes; ours have at most {MAX_BYTES}.")
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise MalformedMessage(f"The message is not JSON: {error}.") from error
    if not isinstance(body, dict):
        raise MalformedMessage("The message is not a JSON object.")
    version = body.get("v")
    if isinstance(version, int) and not isinstance(version, bool) and version > VERSION:
        raise NewerVersion(f"The message has format {version}; this release reads {VERSION}.")
    if version != VERSION or isinstance(version, bool):
        raise MalformedMessage("The message names no known format in v.")
    return body


def _id(body: dict[str, Any], name: str, prefix: str) -> UUID:
    value = body.get(name)
    if not isinstance(value, str):
        raise MalformedMessage(f"{name} is missing.")
    try:
        return ids.decode(value, prefix)
    except InvalidId as error:
        raise MalformedMessage(f"{name}: {error.message}") from error
