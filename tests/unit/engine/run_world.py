"""The world around the rules of a run, as small as it can be: a store with one run in it, and processes."""

from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from zipped.engine import run as rules
from zipped.engine.cursor import cursor_from_json, cursor_to_json
from zipped.engine.definition import Step, StepSettings
from zipped.engine.outcome import Delayed, Failed, Filtered, Stopped, Succeeded, Unknown
from zipped.engine.retry import RetryPolicy
from zipped.engine.run import Execute, Run, StartedAttempt

OUTCOMES = st.one_of(
    st.just(Succeeded({"ok": True})),
    st.just(Filtered("too small")),
    st.builds(Stopped, st.sampled_from(["succeeded", "failed"]), st.just("said so")),
    st.builds(lambda seconds: Delayed(seconds=seconds), st.sampled_from([-1.0, 0.0, 1.0, 60.0])),
    st.builds(
        lambda retryable, after: Failed("no", "It said no.", retryable, after),
        st.booleans(),
        st.sampled_from([None, 1.0, 60.0]),
    ),
    st.just(Unknown("No answer came.")),
)
#: Successes more often than ends, so that runs get somewhere.
LIKELY = st.one_of(st.just(Succeeded(None)), st.just(Failed("away", "Away.", True)), st.just(Unknown("?")), OUTCOMES)
STEPS = st.lists(
    st.builds(
        lambda attempts, on_error, on_unknown, skip: Step(
            id="unnamed",
            app="http",
            action="request",
            skip=skip,
            settings=StepSettings(retry=RetryPolicy(attempts=attempts), on_error=on_error, on_unknown=on_unknown),
        ),
        st.integers(1, 4),
        st.sampled_from(["stop", "continue"]),
        st.sampled_from(["repeat", "repeat", "stop"]),
        st.sampled_from([False, False, False, True]),
    ),
    max_size=4,
)


@dataclass
class Row:
    """A row of step_attempt."""

    status: str
    epoch: int
    key: str
    maybe_repeated: bool = False


@dataclass(frozen=True)
class Save:
    """What a worker sends to the store."""

    base: Run
    run: Run
    rows: tuple[tuple[tuple[str, int], Row], ...] = ()


@dataclass
class Worker:
    """What a process holds in memory; it may be wrong about everything."""

    run: Run
    performing: Execute | None = None
    gone: bool = False


@dataclass
class Store:
    """The database: one run, its attempts, and a note of everything that was ever written."""

    run: Run
    rows: dict[tuple[str, int], Row] = field(default_factory=dict)
    history: list[tuple[Run, Run, str]] = field(default_factory=list)

    def write(self, run: Run, why: str) -> None:
        stored = replace(
            run, seq=self.run.seq + 1, maybe_repeated=False, cursor=cursor_from_json(cursor_to_json(run.cursor))
        )
        self.history.append((self.run, stored, why))
        self.run = stored

    def save(self, save: Save) -> bool:
        """Whether the sender may go on from it."""
        verdict = rules.fence(self.run, save.base)
        if verdict == "apply":
            self.write(save.run, "save")
            for key, row in save.rows:
                known = self.rows.get(key)
                assert known is None or known.status == "started", "a completed attempt was written again"
                self.rows[key] = replace(row)
        return verdict != "stale"

    def started(self) -> StartedAttempt | None:
        """The attempt that was begun and not completed."""
        for (step_id, number), row in self.rows.items():
            if row.status == "started":
                return StartedAttempt(step_id=step_id, path="", attempt=number, epoch=row.epoch)
        return None

    def lose(self, attempt: StartedAttempt) -> Row:
        """Its row as it is when nobody knows what came of it."""
        return replace(self.rows[attempt.step_id, attempt.attempt], status="unknown")
