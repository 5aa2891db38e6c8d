"""What tests of trying a step do over and over: a draft against a real receiver, one try, what is remembered."""

from typing import Any

from tests.api.graphql.acts import act
from tests.fixtures.graphql import Client, Person

TEST = (
    "test { id stepId outcome errorCode message effect isPreview isRemembered isStale input output inputSize "
    "outputSize idempotencyKey delayedUntil errorDetail samples { root source eventId runId } "
    "calls { method url headers { name value } body bodySize isBodyTruncated error durationMs "
    "response { status reason headers { name value } body bodySize isBodyTruncated url } } testedBy { name } }"
)


def greet(**fields: Any) -> dict[str, Any]:
    """A step that touches nothing outside."""
    return {"id": "greet", "app": "data", "action": "set_fields", "input": {"fields": fields}}


def call(url: str, json: Any = None, **changes: Any) -> dict[str, Any]:
    """A step that sends a POST."""
    given = {
        "method": "POST",
        "url": url,
        "bodyType": "json",
        "json": json or {"hi": "{{ trigger.body.name | upper }}"},
    }
    return {"id": "call", "app": "http", "action": "request", "input": given, **changes}


async def tried(client: Client, zip: dict[str, Any], step_id: str = "call", **given: Any) -> dict[str, Any]:
    """The test, where it could be made."""
    done = await attempt(client, zip, step_id, **given)
    assert "test" in done, done
    test: dict[str, Any] = done["test"]
    return test


async def attempt(client: Client, zip: dict[str, Any], step_id: str = "call", **given: Any) -> dict[str, Any]:
    """The result of `testStep`, at the revision the zip was made or saved with."""
    return await act(
        client, "testStep", TEST, **{"zipId": zip["id"], "stepId": step_id, "revision": zip["revision"], **given}
    )


async def save(person: Person, zip: dict[str, Any], *steps: dict[str, Any]) -> dict[str, Any]:
    """The zip with these steps as its draft."""
    done = await act(
        person,
        "updateZip",
        "zip { id revision }",
        zipId=zip["id"],
        revision=zip["revision"],
        definition={"steps": steps},
    )
    saved: dict[str, Any] = done["zip"]
    return saved


async def remembered(person: Person, zip: dict[str, Any], selection: str = "stepId isStale") -> Any:
    """The tests of the draft's steps."""
    answer = await person(f"query Q($id: ID!) {{ zip(id: $id) {{ stepTests {{ {selection} }} }} }}", id=zip["id"])
    return answer.data["zip"]["stepTests"]


def headers(listed: list[dict[str, str]]) -> dict[str, str]:
    """By name, in lower case."""
    return {header["name"].lower(): header["value"] for header in listed}
