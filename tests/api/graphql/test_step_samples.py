"""What a tried step sees, what is remembered of it, and when that is stale."""

from typing import Any

import orjson
import pytest

from tests.api.graphql.acts import act, live_zip, make_connection, make_zip, rows
from tests.api.graphql.trying import attempt, greet, remembered, save, tried
from tests.fixtures.graphql import Api, Person
from zipped import ids
from zipped.db import Database

TELL = {"id": "tell", "app": "data", "action": "set_fields", "input": {"fields": {"told": "{{ steps.greet.hi }}!"}}}
HI = greet(hi="{{ trigger.body.name }}")


@pytest.fixture
async def ada(api: Api) -> Person:
    return await api.person()


async def started(person: Person, zip: dict[str, Any], **body: Any) -> dict[str, Any]:
    """A run by hand, and its event."""
    done = await act(person, "runZip", "run { id event { id } }", zipId=zip["id"], input=body)
    run: dict[str, Any] = done["run"]
    return run


async def returned(database: Database, person: Person, run: dict[str, Any], step_id: str, output: Any) -> None:
    """As a worker would have stored it."""
    await rows(
        database,
        "insert into step_attempt (run_id, step_id, attempt, generation, workspace_id, epoch, effect, status, "
        "idempotency_key, output) values (:run, :step, 1, 0, :workspace, 1, 'pure', 'succeeded', 'KEY', :output) "
        "returning 1",
        run=ids.decode(run["id"], "run"),
        step=step_id,
        workspace=ids.decode(person.workspace_id, "wsp"),
        output=orjson.dumps(output),
    )


async def test_where_values_come_from(ada: Person, database: Database) -> None:
    # given
    zip = await live_zip(ada, definition={"steps": [HI, TELL]})
    first = await started(ada, zip, name="Ada")
    await started(ada, zip, name="Ben")
    await returned(database, ada, first, "greet", {"hi": "from the run"})
    selection = (zip, "tell")

    # when
    newest = await tried(ada, zip, "greet")
    tested = await tried(ada, *selection)
    named = await tried(ada, zip, "greet", eventId=first["event"]["id"])
    await rows(database, "delete from step_test returning 1")
    of_run = await tried(ada, *selection, eventId=first["event"]["id"])
    given = await tried(ada, *selection, steps={"greet": {"hi": "given"}})
    given_trigger = await tried(ada, zip, "greet", trigger={"body": {"name": "Eve"}})

    # then
    assert newest["output"] == {"hi": "Ben"}
    assert [sample["source"] for sample in newest["samples"]] == ["EVENT"]
    assert tested["output"] == {"told": "Ben!"}
    assert [sample["source"] for sample in tested["samples"]] == ["TEST"]
    assert named["output"] == {"hi": "Ada"}
    assert named["samples"] == [{"root": "trigger", "source": "EVENT", "eventId": first["event"]["id"], "runId": None}]
    assert of_run["output"] == {"told": "from the run!"}
    assert of_run["samples"] == [
        {"root": "steps.greet", "source": "RUN", "eventId": first["event"]["id"], "runId": first["id"]}
    ]
    assert (given["output"], given["samples"][0]["source"]) == ({"told": "given!"}, "GIVEN")
    assert (given_trigger["output"], given_trigger["samples"][0]["source"]) == ({"hi": "Eve"}, "GIVEN")


async def test_a_test_is_stale_once_what_was_tested_has_changed(ada: Person) -> None:
    # given
    zip = await make_zip(ada, definition={"steps": [HI, TELL]})
    await tried(ada, zip, "greet")
    await tried(ada, zip, "tell")
    fresh = await remembered(ada, zip)

    # when: a name and a note change nothing that was tested
    zip = await save(ada, zip, {**HI, "name": "Greet", "note": "…"}, TELL)
    renamed = await remembered(ada, zip)
    zip = await save(ada, zip, greet(hi="Dear {{ trigger.body.name }}"), TELL)
    changed = await remembered(ada, zip)
    await tried(ada, zip, "greet")
    retested = await remembered(ada, zip)
    await tried(ada, zip, "tell")
    both = await remembered(ada, zip)
    zip = await save(ada, zip, TELL)
    alone = await remembered(ada, zip)

    # then
    assert fresh == [{"stepId": "greet", "isStale": False}, {"stepId": "tell", "isStale": False}]
    assert renamed == fresh
    assert changed == [{"stepId": "greet", "isStale": True}, {"stepId": "tell", "isStale": True}]
    assert retested == [{"stepId": "greet", "isStale": False}, {"stepId": "tell", "isStale": True}]
    assert both == fresh
    assert alone == [{"stepId": "tell", "isStale": True}]


async def test_another_connection_makes_a_test_stale(ada: Person) -> None:
    # given
    connection = await make_connection(ada)
    step = {"id": "call", "app": "http", "action": "request", "input": {"url": "http://127.0.0.1:9/"}}
    zip = await make_zip(ada, definition={"steps": [step]})
    await tried(ada, zip, send=True)

    # when
    zip = await save(ada, zip, {**step, "connection": connection["id"]})

    # then
    assert await remembered(ada, zip) == [{"stepId": "call", "isStale": True}]


async def test_only_the_last_test_of_a_step_is_kept_and_none_of_a_deleted_zip(ada: Person, database: Database) -> None:
    # given
    zip = await make_zip(ada, definition={"steps": [HI]})

    # when
    first = await tried(ada, zip, "greet")
    second = await tried(ada, zip, "greet")
    kept = await remembered(ada, zip, "id")
    await act(ada, "deleteZip", "zip { id }", zipId=zip["id"])
    gone = await attempt(ada, zip, "greet")

    # then
    assert first["id"] != second["id"]
    assert kept == [{"id": second["id"]}]
    assert (gone["code"], gone["path"]) == ("NOT_FOUND", ["zipId"])


async def test_a_zip_keeps_32_mib_of_tests_and_the_oldest_go(ada: Person, database: Database) -> None:
    # given
    zip = await make_zip(ada, definition={"steps": [HI]})
    await rows(
        database,
        "insert into step_test (zip_id, step_id, workspace_id, id, step_sha256, samples, effect, outcome, output, "
        "calls, input_size, duration_ms, tested_at) "
        "select :zip, 's' || age, :workspace, uuidv7(), '', '[]', 'pure', 'succeeded', "
        "convert_to(repeat('x', 10 * 1024 * 1024), 'UTF8'), '[]', 2, 1, now() - make_interval(hours => age) "
        "from generate_series(1, 5) as age returning 1",
        zip=ids.decode(zip["id"], "zip"),
        workspace=ids.decode(ada.workspace_id, "wsp"),
    )

    # when
    await tried(ada, zip, "greet")

    # then
    kept = await rows(database, "select step_id from step_test order by tested_at desc")
    assert kept == [("greet",), ("s1",), ("s2",), ("s3",)]


async def test_an_event_shows_what_expressions_find(ada: Person, database: Database) -> None:
    # given
    zip = await live_zip(ada)
    run = await started(ada, zip, name="Ada")

    # when
    answer = await ada("query Q($id: ID!) { event(id: $id) { sample } }", id=run["event"]["id"])

    # then
    assert answer.data["event"]["sample"] == {
        "method": None,
        "headers": {"content-type": "application/json"},
        "query": {},
        "body": {"name": "Ada"},
        "raw": '{"name":"Ada"}',
    }


async def test_an_event_that_was_not_kept_whole_is_no_sample(ada: Person, database: Database) -> None:
    # given
    zip = await live_zip(ada)
    run = await started(ada, zip, name="Ada")
    await rows(database, "update event_body set truncated = true returning 1")

    # when
    answer = await ada("query Q($id: ID!) { event(id: $id) { sample } }", id=run["event"]["id"])
    refused = await attempt(ada, zip, "greet", eventId=run["event"]["id"])

    # then
    assert answer.data["event"]["sample"] is None
    assert (refused["code"], refused["path"]) == ("VALIDATION", ["eventId"])
    assert refused["issues"][0]["fix"] == "Choose another event."


async def test_fields_are_previewed_each_for_itself(ada: Person) -> None:
    # given
    zip = await make_zip(ada, definition={"steps": [HI, TELL]})
    await tried(ada, zip, "greet")
    query = (
        "query Q($zip: ID!, $step: String!, $input: JSON!) "
        "{ previewInput(zipId: $zip, stepId: $step, input: $input) { path value message } }"
    )
    input = {
        "a": "{{ trigger.body.name | upper }} of {{ steps.greet.hi }} in {{ zip.name }}",
        "b": ["plain", "{{ trigger.body }}"],
        "c": "{{ trigger.body.no }}",
        "d": "{{ steps.tell.told }}",
        "e": "{{ broken",
        "f": "{{ run.id | length }}",
    }

    # when
    answer = await ada(query, zip=zip["id"], step="tell", input=input)

    # then
    assert answer.data["previewInput"] == [
        {"path": ["a"], "value": "ADA of Ada in A zip", "message": None},
        {"path": ["b", "1"], "value": {"id": 42, "name": "Ada"}, "message": None},
        {"path": ["c"], "value": None, "message": "trigger.body has no no (it has: id, name)."},
        {"path": ["d"], "value": None, "message": answer.data["previewInput"][3]["message"]},
        {"path": ["e"], "value": None, "message": answer.data["previewInput"][4]["message"]},
        {"path": ["f"], "value": 40, "message": None},
    ]
    assert 'no step "tell" is done by now' in answer.data["previewInput"][3]["message"]


async def test_a_preview_of_fields_refuses_what_it_cant_use(ada: Person) -> None:
    # given
    zip = await make_zip(ada)
    query = (
        "query Q($zip: ID!, $event: ID, $steps: JSON) "
        '{ previewInput(zipId: $zip, stepId: "greet", input: "{{ steps.x }}", eventId: $event, steps: $steps) '
        "{ value } }"
    )

    # when
    wrong = await ada(query, zip=zip["id"], event="evt_nothing")
    no_object = await ada(query, zip=zip["id"], steps=[])

    # then
    assert [error["extensions"]["path"] for error in (*wrong.errors, *no_object.errors)] == [["eventId"], ["steps"]]
