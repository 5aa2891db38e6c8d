"""The rows of attempts, as a run's execution writes them: begun, ended, passed over, lost with a worker."""

from dataclasses import replace
from datetime import datetime

import orjson

from zipped.engine.decision import Execute, Skip
from zipped.engine.outcome import UNKNOWN_OUTCOME, Failed, Json, Outcome, Unknown, attempt_status
from zipped.engine.run import Effect
from zipped.services.run_loading import StoredAttempt
from zipped.services.run_writes import AttemptWrite

LOST = "The worker died or was stopped in the middle of this step; whether it had its effect is unknown."
LOST_BEFORE = "The worker died or was stopped in the middle of this step; it had no effect outside."


def begun(execute: Execute, *, effect: Effect, input: Json, now: datetime) -> AttemptWrite:
    """An attempt whose effect is about to happen; `input` is what is stored and shown, None where there is none."""
    return AttemptWrite(
        step_id=execute.step.id,
        path=execute.path,
        attempt=execute.attempt,
        generation=execute.generation,
        effect=effect,
        status="started",
        idempotency_key=execute.idempotency_key,
        input=None if input is None else orjson.dumps(input),
        maybe_repeated=execute.maybe_repeated,
        started_at=now,
    )


def ended(attempt: AttemptWrite, outcome: Outcome, *, output: bytes | None, now: datetime) -> AttemptWrite:
    """The attempt with what came of it."""
    attempt = replace(attempt, status=attempt_status(outcome), output=output, finished_at=now)
    match outcome:
        case Failed(code=code, message=message, detail=detail):
            pass
        case Unknown(message=message, detail=detail):
            code = UNKNOWN_OUTCOME
        case _:
            return attempt
    told = None if detail is None else orjson.dumps(detail)
    return replace(attempt, error_code=code, error_message=message, error_detail=told)


def skipped(skip: Skip, *, now: datetime) -> AttemptWrite:
    """A step that is passed over."""
    return AttemptWrite(
        step_id=skip.step.id,
        path=skip.path,
        attempt=skip.attempt,
        generation=skip.generation,
        effect="pure",
        status="skipped",
        idempotency_key=skip.idempotency_key,
        started_at=now,
        finished_at=now,
    )


def lost(attempt: StoredAttempt, *, now: datetime) -> AttemptWrite:
    """An attempt of an earlier owner that nobody will complete."""
    return AttemptWrite(
        step_id=attempt.step_id,
        path=attempt.path,
        attempt=attempt.attempt,
        generation=attempt.generation,
        effect=attempt.effect,
        status="unknown",
        idempotency_key=attempt.idempotency_key,
        error_code="worker_lost",
        error_message=LOST_BEFORE if attempt.effect == "pure" else LOST,
        finished_at=now,
    )
