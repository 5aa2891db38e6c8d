"""What a save consists of: values for its writer, arrays of columns for its statement."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import orjson

from zipped.engine.cursor import START, Cursor, cursor_to_json
from zipped.engine.document import cleaned
from zipped.engine.outcome import AttemptStatus
from zipped.engine.run import Effect, Run

START_TEXT = orjson.dumps(cursor_to_json(START)).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptWrite:
    """A row of `step_attempt`, to be made or completed; a None leaves what an earlier save has put there."""

    step_id: str
    path: str
    attempt: int
    generation: int
    effect: Effect
    status: AttemptStatus
    idempotency_key: str
    #: JSON, masked.
    input: bytes | None = None
    output: bytes | None = None
    error_code: str | None = None
    error_message: str | None = None
    error_detail: bytes | None = None
    maybe_repeated: bool = False
    started_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitWrite:
    """A row of `wait`: what a run that is parked waits for."""

    kind: Literal["delay", "retry"]
    step_id: str
    path: str
    wake_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWrite:
    """One write of one run by its owner: from `base`, as it was stored last, to `run`."""

    base: Run
    run: Run
    #: Each (step, path, attempt) at most once.
    attempts: tuple[AttemptWrite, ...] = ()
    waits: tuple[WaitWrite, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of payload, roughly."""
        return sum(len(a.input or b"") + len(a.output or b"") + len(a.error_detail or b"") for a in self.attempts)


RUN_COLUMNS = {
    "id": "uuid",
    "base_epoch": "int",
    "base_seq": "int",
    "epoch": "int",
    "status": "text",
    "cursor": "text",
    "attempt": "int",
    "waits_for": "text",
    "wake_at": "timestamptz",
    "deadline": "timestamptz",
    "active_ms": "bigint",
    "crashes": "int",
    "ended_by": "text",
    "error_code": "text",
    "error_message": "text",
    "error_step_id": "text",
}
ATTEMPT_COLUMNS = {
    "run_id": "uuid",
    "step_id": "text",
    "path": "text",
    "attempt": "int",
    "generation": "int",
    "epoch": "int",
    "effect": "text",
    "status": "text",
    "idempotency_key": "text",
    "input": "bytea",
    "output": "bytea",
    "error_code": "text",
    "error_message": "text",
    "error_detail": "bytea",
    "maybe_repeated": "boolean",
    "started_at": "timestamptz",
    "finished_at": "timestamptz",
}
WAIT_COLUMNS = {"run_id": "uuid", "kind": "text", "step_id": "text", "path": "text", "wake_at": "timestamptz"}


def table(prefix: str, columns: Mapping[str, str]) -> str:
    """A table of one array parameter per column."""
    arrays = ", ".join(f"cast(:{prefix}_{name} as {kind}[])" for name, kind in columns.items())
    return f"unnest({arrays}) as {prefix}({', '.join(columns)})"


def parameters(writes: Sequence[RunWrite]) -> dict[str, list[Any]]:
    """The arrays of a batch, for `table` of each prefix: i for the runs, a for their attempts, w for their waits.

    A batch without attempts or without waits has no arrays for them.
    """
    found = _arrays("i", RUN_COLUMNS, [_run_row(write) for write in writes])
    attempts = [_attempt_row(write, attempt) for write in writes for attempt in write.attempts]
    if attempts:
        found |= _arrays("a", ATTEMPT_COLUMNS, attempts)
    waits = [
        (write.run.id, wait.kind, wait.step_id, wait.path, wait.wake_at) for write in writes for wait in write.waits
    ]
    if waits:
        found |= _arrays("w", WAIT_COLUMNS, waits)
    return found


def _arrays(prefix: str, columns: Iterable[str], rows: Iterable[tuple[Any, ...]]) -> dict[str, list[Any]]:
    return {
        f"{prefix}_{name}": list(values)
        for name, values in zip(columns, zip(*rows, strict=True), strict=True)  # rows to columns
    }


def _run_row(write: RunWrite) -> tuple[Any, ...]:
    run, base, error = write.run, write.base, write.run.error
    return (
        run.id,
        base.epoch,
        base.seq,
        run.epoch,
        run.status,
        _cursor(run.cursor),
        run.attempt,
        run.waits_for,
        run.wake_at,
        run.deadline,
        run.active_ms,
        run.crashes,
        run.ended_by,
        cleaned(error.code) if error else None,
        cleaned(error.message) if error else None,
        error.step_id if error else None,
    )


def _attempt_row(write: RunWrite, attempt: AttemptWrite) -> tuple[Any, ...]:
    return (
        write.run.id,
        attempt.step_id,
        attempt.path,
        attempt.attempt,
        attempt.generation,
        write.base.epoch,
        attempt.effect,
        attempt.status,
        attempt.idempotency_key,
        attempt.input,
        attempt.output,
        None if attempt.error_code is None else cleaned(attempt.error_code),
        None if attempt.error_message is None else cleaned(attempt.error_message),
        attempt.error_detail,
        attempt.maybe_repeated,
        attempt.started_at,
        attempt.finished_at,
    )


def _cursor(cursor: Cursor) -> str:
    return START_TEXT if cursor is START else orjson.dumps(cursor_to_json(cursor)).decode()
