"""Runs over time and events by outcome, as a page asks for them."""

from datetime import UTC, datetime

from tests.api.graphql.acts import act, live_zip, make_zip
from tests.fixtures.graphql import Api

CHART = """query Q($w: ID!, $f: RunFilter, $hours: Int!, $parts: Int!) {
  runCounts(workspaceId: $w, filter: $f, hours: $hours, parts: $parts) {
    seconds isCapped counts { start succeeded failed waiting active cancelled } } }"""
LEDGER = """query Q($w: ID!, $f: EventFilter) {
  eventCounts(workspaceId: $w, filter: $f) { isCapped counts { outcome events } } }"""


async def test_a_chart_and_the_choices_of_the_ledger(api: Api) -> None:
    # given
    ada = await api.person()
    zip = await live_zip(ada)
    quiet = await make_zip(ada)
    for number in range(3):
        started = await act(ada, "runZip", "run { id }", zipId=zip["id"], input={"number": number})
    await act(ada, "cancelRun", "run { id }", runId=started["run"]["id"])

    async def chart(**filter: object) -> dict[str, object]:
        found = (await ada(CHART, w=ada.workspace_id, f=filter, hours=1, parts=60)).data["runCounts"]
        assert (found["seconds"], found["isCapped"], len(found["counts"])) == (60, False, 60)
        starts = [datetime.fromisoformat(count.pop("start")) for count in found["counts"]]
        assert 0 <= (starts[-1].timestamp() + 60) - datetime.now(UTC).timestamp() <= 60
        return {name: number for name in found["counts"][0] if (number := sum(one[name] for one in found["counts"]))}

    async def ledger(**filter: object) -> list[dict[str, object]]:
        found = (await ada(LEDGER, w=ada.workspace_id, f=filter)).data["eventCounts"]
        assert found["isCapped"] is False
        counts: list[dict[str, object]] = found["counts"]
        return counts

    # when, then
    assert await chart() == {"active": 2, "cancelled": 1}
    assert await chart(statuses=["CANCELLED", "FAILED"]) == {"cancelled": 1}
    assert await chart(zipId=quiet["id"]) == {}
    assert await chart(endedBy=["CANCEL"]) == {"cancelled": 1}
    assert await ledger() == [{"outcome": "ACCEPTED", "events": 3}]
    assert await ledger(outcomes=["DRAFT"]) == []
    assert await ledger(zipId=quiet["id"]) == []


async def test_a_chart_of_another_size_names_the_argument(api: Api) -> None:
    ada = await api.person()

    answer = await ada(CHART, w=ada.workspace_id, hours=1, parts=500)

    assert answer.body["data"] == {"runCounts": None}
    (error,) = answer.body["errors"]
    assert error["extensions"]["code"] == "VALIDATION"
    assert error["message"] == "parts is 500; it can be 1 to 120."
