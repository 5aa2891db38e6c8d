"""Definitions that can't be published: every problem at once, with its path and its fix."""

import asyncio
import threading
from typing import Any

import pytest

from tests.integration.services.conftest import Desk
from zipped import ids
from zipped.engine.problem import Problem
from zipped.services import validation


async def problems(desk: Desk, *steps: Any) -> list[Problem]:
    return await problems_of(desk, {"steps": list(steps)})


async def problems_of(desk: Desk, document: object) -> list[Problem]:
    async with desk.begin() as session:
        kinds = await validation.connection_kinds(session, desk.workspace_id, validation.connection_ids(document))
    return validation.problems_in(document, catalog=desk.catalog, kinds=kinds)


def told(found: list[Problem]) -> dict[str, tuple[str, str]]:
    return {".".join(problem.path): (problem.code, problem.fix) for problem in found}


def step(**values: Any) -> dict[str, Any]:
    return {"id": "a", "app": "data", "action": "set_fields", "input": {"fields": {}}, **values}


def request(**values: Any) -> dict[str, Any]:
    return step(app="http", action="request", input={"method": "GET", "url": "https://example.com"}, **values)


async def test_a_good_definition_has_no_problem(desk: Desk) -> None:
    # given
    connection = await desk.connection()
    steps = [
        step(input={"fields": {"name": "{{ trigger.body.name | default('you') }}"}}),
        request() | {"id": "b", "connection": ids.encode("con", connection.id)},
        step(id="c", input={"fields": {"all": "{{ steps.b.body }} in {{ zip.name }}"}}),
    ]

    # when, then
    assert await problems(desk, *steps) == []
    assert await problems(desk) == []


async def test_everything_that_refers_to_nothing_is_told_at_once(desk: Desk) -> None:
    # given
    gone = ids.encode("con", desk.workspace_id)
    steps = [
        step(app="nowhere"),
        step(id="b", action="set_field"),
        step(id="c", input={"fields": {"x": "{{ steps.d.y }}"}}),
        request() | {"id": "d", "connection": gone},
        request() | {"id": "e", "connection": ids.encode("zip", desk.workspace_id)},
        request() | {"id": "f", "input": {"methd": "GET", "url": ""}},
        step(id="g", connection=gone),
        "no step",
    ]

    # when
    found = told(await problems(desk, *steps))

    # then
    assert found["steps.a.app"][0] == "unknown_app"
    assert found["steps.b.action"] == ("unknown_action", "Did you mean “set_fields” (Set fields)?")
    assert found["steps.c.input.fields.x"] == (
        "unknown_reference",
        "Refer to an earlier step, or move that one up.",
    )
    assert found["steps.d.connection"] == (
        "unknown_connection",
        "Choose a connection of this workspace, or make one.",
    )
    assert found["steps.e.connection"] == ("invalid_id", "Choose a connection again.")
    assert found["steps.f.input.methd"] == ("unknown_field", "Did you mean 'method'?")
    assert found["steps.f.input.url"][0] == "too_short"
    assert found["steps.g.connection"][0] == "unknown_connection"
    assert found["steps.7"][0] == "wrong_type"
    assert {"steps.7.id", "steps.7.app", "steps.7.action"} < set(found)
    assert len(found) == 12


async def test_a_broken_step_hides_no_problem_of_another(desk: Desk) -> None:
    # when
    found = told(await problems(desk, step(id="Not An Id"), step(id="b", app="nowhere")))

    # then
    assert [(path, code) for path, (code, _) in found.items()] == [
        ("steps.0.id", "wrong_form"),
        ("steps.b.app", "unknown_app"),
    ]


async def test_steps_that_share_an_id_are_told_apart_by_their_place(desk: Desk) -> None:
    # when
    found = told(await problems(desk, step(), step(app="nowhere")))

    # then
    assert {path: code for path, (code, _) in found.items()} == {
        "steps.0.id": "duplicate_id",
        "steps.1.id": "duplicate_id",
        "steps.1.app": "unknown_app",
    }


async def test_a_connection_of_another_workspace_is_not_there(desk: Desk, other_desk: Desk) -> None:
    # given
    theirs = await other_desk.connection()

    # when
    found = told(await problems(desk, request(connection=ids.encode("con", theirs.id))))

    # then
    assert found["steps.a.connection"][0] == "unknown_connection"


async def test_a_connection_of_the_wrong_kind_and_one_that_is_not_used(desk: Desk) -> None:
    # given
    mail = await desk.connection(kind="smtp", fields={"host": "mail.example.com"}, hosts=[])
    named = ids.encode("con", mail.id)

    # when
    found = told(await problems(desk, request(connection=named), step(id="b", connection=named)))

    # then
    assert found["steps.a.connection"][0] == "wrong_kind"
    assert found["steps.b.connection"] == ("not_allowed", "Leave the connection out.")


async def test_a_skipped_step_may_be_unfinished_but_must_be_of_an_action_there_is(desk: Desk) -> None:
    # when
    found = told(
        await problems(
            desk, request() | {"skip": True, "input": {}}, step(id="b", skip=True, app="nowhere", input={"x": 1})
        )
    )

    # then
    assert {path: code for path, (code, _) in found.items()} == {"steps.b.app": "unknown_app"}


async def test_others_are_answered_while_a_definition_is_checked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    others = threading.Event()
    answered: list[bool] = []
    real = validation.problems_in

    def slow(*arguments: Any, **named: Any) -> list[Problem]:
        answered.append(others.wait(timeout=10))
        return real(*arguments, **named)

    monkeypatch.setattr(validation, "problems_in", slow)

    # when
    async with desk.begin() as session:
        checking = asyncio.create_task(
            validation.checked(session, desk.workspace_id, {"steps": [step()]}, catalog=desk.catalog)
        )
        await asyncio.sleep(0)  # it has begun
        others.set()
        definition = await checking

    # then
    assert answered == [True]
    assert [one.id for one in definition.steps] == ["a"]


async def test_whatever_a_document_is_its_problems_are_values(desk: Desk) -> None:
    # given
    unfit: list[object] = [
        None,
        1,
        "x",
        [],
        {},
        {"steps": None},
        {"steps": [None, [], {"connection": {}, "input": []}]},
    ]
    for document in unfit:
        # when
        found = await problems_of(desk, document)
        # then
        assert found, document
        assert all(isinstance(problem, Problem) and problem.message for problem in found), document


async def test_at_most_a_hundred_problems_are_told(desk: Desk) -> None:
    assert len(await problems(desk, *(step(id=f"s{number}", app="nowhere") for number in range(300)))) == 100


async def test_a_secret_written_into_a_step_is_found(desk: Desk) -> None:
    # given an action with a secret field, as the schema's hints declare it
    from dataclasses import replace

    from zipped.catalog import App, Catalog

    action = desk.catalog.action("data", "set_fields")
    assert action is not None
    secretive = replace(
        action,
        app="vault",
        key="open",
        input={"type": "object", "properties": {"pin": {"type": "string", "x-zipped": {"secret": True}}}},
    )
    catalog = Catalog([App(key="vault", title="Vault", description="", icon="lock", actions=(secretive,))])
    literal = {"steps": [{"id": "a", "app": "vault", "action": "open", "input": {"pin": "canary-1234"}, "skip": True}]}
    mapped = {"steps": [{"id": "a", "app": "vault", "action": "open", "input": {"pin": "{{ trigger.body.pin }}"}}]}

    # when
    found = validation.secrets_in(literal, catalog=catalog)

    # then
    assert [(problem.path, problem.code) for problem in found] == [(("steps", "a", "input", "pin"), "secret_literal")]
    assert "canary" not in repr(found)
    assert validation.secrets_in(mapped, catalog=catalog) == []
