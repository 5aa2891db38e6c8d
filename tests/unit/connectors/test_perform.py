"""Whatever an action does becomes an outcome."""

import asyncio
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from zipped.catalog import (
    LARGE,
    Action,
    ActionContext,
    App,
    Catalog,
    ConnectionKind,
    Effect,
    Failed,
    Later,
    Outcome,
    Succeeded,
    Unknown,
    validate_resolved,
)
from zipped.engine.decision import Execute
from zipped.engine.definition import Step, StepSettings
from zipped.steps.outputs import fit_outcome
from zipped.steps.perform import Prepared, Refused, Surroundings, perform, prepare, prepare_beside

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SURROUNDINGS = Surroundings(run_id="run_1", zip_id="zip_1", workspace_id="wsp_1", depth=2)
TOKEN = ConnectionKind(
    app="test",
    key="token",
    title="Token",
    description="A token.",
    fields={"properties": {"token": {"type": "string", "x-zipped": {"secret": True}}}},
    headers=lambda fields: {"Authorization": f"Bearer {fields['token']}"},
)
OPEN = TOKEN.open({"token": "canary-123456"}, id="con_1", hosts=["example.com"])
HTTP: Any = object()


def _catalog(run: Any, **changes: Any) -> Catalog:
    declaration: dict[str, Any] = {
        "app": "test",
        "key": "act",
        "title": "Act",
        "description": "Acts.",
        "input": {"type": "object", "properties": {"n": {"type": "integer"}, "text": {"type": "string"}}},
        "output": {},
        "sample": None,
        "effect": Effect.READ,
        "run": run,
        "connection_kinds": ("token",),
        "timeout": 5.0,
    }
    action = Action(**declaration | changes)
    return Catalog([App(key="test", title="", description="", icon="", actions=(action,), connection_kinds=(TOKEN,))])


def _execute(input: Mapping[str, Any], *, connection_id: str | None = None, timeout: float | None = None) -> Execute:
    step = Step(
        id="step",
        app="test",
        action="act",
        input=input,
        connection_id=connection_id,
        settings=StepSettings(timeout=timeout),
    )
    return Execute(step, "", 3, 0, "KEY")


def _prepared(catalog: Catalog, input: Mapping[str, Any], **given: Any) -> Prepared:
    prepared = prepare(_execute(input), given.pop("scope", {}), catalog=catalog, **given)
    assert isinstance(prepared, Prepared), prepared
    return prepared


async def _performed(run: Any, input: Mapping[str, Any] | None = None, **changes: Any) -> Outcome:
    catalog = _catalog(run, **changes)
    execute = _execute(input or {})
    return await perform(_prepared(catalog, input or {}), execute, SURROUNDINGS, http=HTTP, now=NOW)


async def _echo(context: ActionContext, input: Mapping[str, Any]) -> Outcome:
    return Succeeded(dict(input))


async def test_the_input_is_rendered_and_handed_over() -> None:
    seen: list[ActionContext] = []

    async def run(context: ActionContext, input: Mapping[str, Any]) -> Outcome:
        seen.append(context)
        return await _echo(context, input)

    catalog = _catalog(run)
    template = {"n": "{{ trigger.body.n }}", "text": "n is {{ trigger.body.n }}"}
    prepared = _prepared(catalog, template, scope={"trigger": {"body": {"n": 5}}}, connection=OPEN)
    outcome = await perform(prepared, _execute(template), SURROUNDINGS, http=HTTP, now=NOW)

    assert outcome == Succeeded({"n": 5, "text": "n is 5"})
    assert prepared.stored_input == {"n": 5, "text": "n is 5"}
    context = seen[0]
    assert (context.idempotency_key, context.run_id, context.depth, context.attempt, context.timeout) == (
        "KEY", "run_1", 2, 3, 5.0,
    )  # fmt: skip
    assert context.connection is OPEN
    assert context.http is HTTP
    assert template == {"n": "{{ trigger.body.n }}", "text": "n is {{ trigger.body.n }}"}


@pytest.mark.parametrize(
    ("input", "given", "code"),
    [
        ({"n": "{{ trigger.body.n }}"}, {}, "expression"),
        ({"n": "{{ trigger.body"}, {}, "expression"),
        ({"n": "five"}, {}, "bad_input"),
        ({}, {"connection": OPEN, "kinds": ("basic",)}, "bad_connection"),
        ({}, {"required": True}, "bad_connection"),
        ({}, {"connection_id": "con_1"}, "connection_missing"),
        ({}, {"action": "other"}, "unknown_action"),
    ],
)
async def test_what_can_not_be_called_is_refused_before_the_call(
    input: dict[str, Any], given: dict[str, Any], code: str
) -> None:
    async def run(context: ActionContext, input: Mapping[str, Any]) -> Outcome:
        raise AssertionError("was called")

    catalog = _catalog(
        run,
        key=given.get("action", "act"),
        connection_kinds=given.get("kinds", ("token",)),
        connection_required=given.get("required", False),
    )
    execute = _execute(input, connection_id=given.get("connection_id"))
    refused = prepare(execute, {"trigger": {"body": {}}}, catalog=catalog, connection=given.get("connection"))
    assert isinstance(refused, Refused)
    assert (refused.outcome.code, refused.outcome.retryable) == (code, False)
    assert refused.outcome.message


async def test_the_installation_s_own_connection_serves_steps_that_name_none() -> None:
    catalog = _catalog(_echo, connection_required=True)
    prepared = _prepared(catalog, {}, defaults={"token": OPEN})
    assert prepared.connection is OPEN


async def test_under_one_key_the_same_is_sent_again() -> None:
    catalog = _catalog(_echo)
    scope = {"trigger": {"body": {"text": "new"}}}
    first = _prepared(catalog, {"text": "{{ trigger.body.text }}"}, scope=scope)
    again = _prepared(catalog, {"text": "{{ trigger.body.text }}"}, scope=scope, stored_input={"text": "old"})
    assert first.input == {"text": "new"}
    assert again.input == {"text": "old"}


async def test_a_secret_in_the_data_is_sent_and_never_stored() -> None:
    catalog = _catalog(_echo)
    scope = {"trigger": {"body": {"text": "it is canary-123456"}}}
    prepared = _prepared(catalog, {"text": "{{ trigger.body.text }}"}, scope=scope, connection=OPEN)
    assert prepared.input == {"text": "it is canary-123456"}
    assert prepared.stored_input == {"text": "it is ***"}
    assert "canary" not in repr(prepared)

    again = _prepared(
        catalog,
        {"text": "{{ trigger.body.text }}"},
        scope=scope,
        connection=OPEN,
        stored_input=prepared.stored_input,
    )
    assert again.input == {"text": "it is canary-123456"}

    outcome = await perform(prepared, _execute({}), SURROUNDINGS, http=HTTP, now=NOW)
    assert outcome == Succeeded({"text": "it is ***"})


class Odd(Exception):
    pass


@pytest.mark.parametrize(
    "error", [Odd("boom"), KeyError("x"), RecursionError(), MemoryError(), TimeoutError(), asyncio.CancelledError()]
)
async def test_an_exception_becomes_a_failure_that_is_not_repeated(error: BaseException) -> None:
    async def run(context: ActionContext, input: Mapping[str, Any]) -> Outcome:
        raise error

    outcome = await _performed(run)
    assert outcome == Failed(
        "action_error", f"Act broke down ({type(error).__name__}): a fault of ours.", retryable=False
    )


async def test_something_else_than_an_outcome_is_a_failure() -> None:
    async def run(context: ActionContext, input: Mapping[str, Any]) -> Any:
        return {"status": "ok"}

    outcome = await _performed(run)
    assert isinstance(outcome, Failed)
    assert outcome.code == "action_error"


async def test_being_cancelled_is_the_only_way_out_without_an_outcome() -> None:
    begun = asyncio.Event()

    async def run(context: ActionContext, input: Mapping[str, Any]) -> Outcome:
        begun.set()
        await asyncio.Event().wait()
        return Succeeded()

    task = asyncio.create_task(_performed(run))
    async with asyncio.timeout(5):
        await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        (Effect.READ, Failed("timed_out", "Act did not end within 0.05 s.", retryable=True)),
        (Effect.PURE, Failed("timed_out", "Act did not end within 0.05 s.", retryable=True)),
        (Effect.WRITE, Unknown("Act did not end within 0.05 s. Whether it had its effect is unknown.")),
    ],
)
async def test_an_action_that_does_not_end_is_ended(
    effect: Effect, expected: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run(context: ActionContext, input: Mapping[str, Any]) -> Outcome:
        await asyncio.Event().wait()
        return Succeeded()

    monkeypatch.setattr("zipped.steps.perform.GRACE", 0.05)
    async with asyncio.timeout(5):
        assert await _performed(run, effect=effect, timeout=0.05) == expected


@pytest.mark.parametrize(
    ("step", "deadline", "timeout"),
    [(None, None, 5.0), (60.0, None, 60.0), (None, 2.0, 2.0), (1.0, 2.0, 1.0), (5000.0, None, 900.0)],
)
async def test_the_time_out_is_the_step_s_and_ends_with_the_run(
    step: float | None, deadline: float | None, timeout: float
) -> None:
    async def run(context: ActionContext, input: Mapping[str, Any]) -> Outcome:
        return Succeeded(context.timeout)

    surroundings = Surroundings(
        run_id="run_1",
        zip_id="zip_1",
        workspace_id="wsp_1",
        depth=0,
        deadline=None if deadline is None else NOW + timedelta(seconds=deadline),
    )
    catalog = _catalog(run)
    outcome = await perform(_prepared(catalog, {}), _execute({}, timeout=step), surroundings, http=HTTP, now=NOW)
    assert outcome == Succeeded(timeout)


async def test_a_run_without_time_left_calls_nothing() -> None:
    async def run(context: ActionContext, input: Mapping[str, Any]) -> Outcome:
        raise AssertionError("was called")

    surroundings = Surroundings(run_id="r", zip_id="z", workspace_id="w", depth=0, deadline=NOW)
    outcome = await perform(_prepared(_catalog(run), {}), _execute({}), surroundings, http=HTTP, now=NOW)
    assert isinstance(outcome, Failed)
    assert outcome.code == "deadline"


async def test_a_large_answer_is_masked_too() -> None:
    async def run(context: ActionContext, input: Mapping[str, Any]) -> Outcome:
        return Succeeded([{"n": n, "text": "canary-123456"} for n in range(5000)])

    catalog = _catalog(run)
    outcome = await perform(_prepared(catalog, {}, connection=OPEN), _execute({}), SURROUNDINGS, http=HTTP, now=NOW)
    assert outcome == Succeeded([{"n": n, "text": "***"} for n in range(5000)])


async def test_what_an_action_leaves_for_later_is_made_off_the_loop_and_one_at_a_time() -> None:
    # given
    inside, most, threads = 0, 0, set[int]()

    def later() -> Outcome:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        threads.add(threading.get_ident())
        time.sleep(0.005)  # so that another would come in, if it could
        inside -= 1
        return Succeeded({"secret": "canary-123456"})

    async def run(context: ActionContext, input: Mapping[str, Any]) -> Later:
        return later

    prepared = _prepared(_catalog(run), {}, connection=OPEN)

    # when
    outcomes = await asyncio.gather(
        *(perform(prepared, _execute({}), SURROUNDINGS, http=HTTP, now=NOW) for _ in range(10))
    )

    # then
    assert outcomes == [Succeeded({"secret": "***"})] * 10
    assert (most, len(threads), threading.get_ident() in threads) == (1, 1, False)


@pytest.mark.parametrize(("later", "kind"), [(lambda: "a text", "NoOutcome"), (lambda: 1 / 0, "ZeroDivisionError")])
async def test_what_is_made_later_may_be_at_fault_too(later: Any, kind: str) -> None:
    async def run(context: ActionContext, input: Mapping[str, Any]) -> Any:
        return later

    outcome = await perform(_prepared(_catalog(run), {}), _execute({}), SURROUNDINGS, http=HTTP, now=NOW)
    assert outcome == Failed("action_error", f"Act broke down ({kind}): a fault of ours.")


async def test_an_input_that_takes_much_work_is_rendered_off_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    threads: list[bool] = []

    def noted(action: Action, input: Any) -> Failed | None:
        threads.append(threading.current_thread() is threading.main_thread())
        return validate_resolved(action, input)

    monkeypatch.setattr("zipped.steps.perform.validate_resolved", noted)

    async def run(context: ActionContext, input: Mapping[str, Any]) -> Outcome:
        raise AssertionError("was called")

    for items in (100, 20_000):
        # when: each item counts for itself
        prepared = await prepare_beside(
            _execute({"n": "{{ trigger.body | length }}"}),
            {"trigger": {"body": [[]] * items}, "steps": {}},
            catalog=_catalog(run),
            connection=None,
            defaults={},
            stored_input=None,
        )

        # then
        assert isinstance(prepared, Prepared)
        assert prepared.input == {"n": items}
    assert threads == [True, False]


async def test_a_large_output_is_looked_through_off_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    threads: list[bool] = []

    def noted(outcome: Outcome, **options: Any) -> Outcome:
        threads.append(threading.current_thread() is threading.main_thread())
        return fit_outcome(outcome, **options)

    monkeypatch.setattr("zipped.steps.perform.fit_outcome", noted)

    # when: just below and above, as JSON
    for size in (LARGE - 2, LARGE - 1):

        async def run(context: ActionContext, input: Mapping[str, Any], size: int = size) -> Outcome:
            return Succeeded("x" * size)

        outcome = await perform(_prepared(_catalog(run), {}), _execute({}), SURROUNDINGS, http=HTTP, now=NOW)
        assert outcome == Succeeded("x" * size)

    # then
    assert threads == [True, False]
