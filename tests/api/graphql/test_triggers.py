"""Triggers in GraphQL."""

from typing import Any

from tests.api.graphql.acts import act, make_zip, rows
from tests.fixtures.graphql import Api
from zipped import ids

FIELDS = "trigger { kind url settings verifier secretCount revision zip { id } refusals { outcome count } }"


async def test_settings_and_verifier_are_changed_by_revision(api: Api) -> None:
    # given
    ada = await api.person()
    zip = await make_zip(ada)
    trigger_id = zip["trigger"]["id"]

    # when
    changed = await act(
        ada,
        "updateTrigger",
        FIELDS,
        triggerId=trigger_id,
        revision=1,
        settings={"methods": ["POST"], "dedupeFrom": "none"},
        verifier="HMAC",
        secrets=["canary-secret-1"],
    )
    joined = await act(
        ada, "updateTrigger", FIELDS, triggerId=trigger_id, revision=2, secrets=["canary-secret-2"], keepSecrets=True
    )
    stale = await act(ada, "updateTrigger", FIELDS, triggerId=trigger_id, revision=2, verifier="OPEN")

    # then
    trigger = changed["trigger"]
    assert trigger["settings"].pop("signature")["header"] == "X-Signature"
    assert trigger == {
        "kind": "webhook",
        "url": zip["trigger"]["url"],
        "settings": {
            "methods": ["POST"],
            "maxBodyBytes": 1048576,
            "dedupeFrom": "none",
            "dedupeHeader": None,
            "dedupeWindowSeconds": 604800,
            "ratePerSecond": None,
            "rateBurst": None,
        },
        "verifier": "HMAC",
        "secretCount": 1,
        "revision": 2,
        "zip": {"id": zip["id"]},
        "refusals": [],
    }
    assert (joined["trigger"]["secretCount"], joined["trigger"]["revision"]) == (2, 3)
    assert (stale["code"], stale["currentRevision"]) == ("CONFLICT", 3)


async def test_bad_settings_are_told_all_at_once(api: Api) -> None:
    # given
    ada = await api.person()
    zip = await make_zip(ada)

    async def update(**input: Any) -> dict[str, str]:
        refused = await act(ada, "updateTrigger", FIELDS, triggerId=zip["trigger"]["id"], revision=1, **input)
        return {".".join(issue["path"]): issue["code"] for issue in refused["issues"]}

    # when, then
    assert await update(settings={"methods": [], "maxBodyBytes": 10**9, "nope": 1}) == {
        "settings.methods": "not_a_choice",
        "settings.maxBodyBytes": "out_of_range",
        "settings.nope": "unknown_field",
    }
    assert await update(settings=[1]) == {"settings": "type"}
    assert await update(verifier="HMAC") == {"secrets": "required"}
    assert await rows(api.platform.database, "select settings, revision from trigger") == [({}, 1)]


async def test_rotating_shows_the_new_address(api: Api) -> None:
    # given
    ada = await api.person()
    zip = await make_zip(ada)

    # when
    rotated = await act(ada, "rotateHookToken", FIELDS, triggerId=zip["trigger"]["id"])
    seen = await ada("query Q($id: ID!) { trigger(id: $id) { url } }", id=zip["trigger"]["id"])

    # then
    assert rotated["trigger"]["url"] != zip["trigger"]["url"]
    assert seen.data["trigger"]["url"] == rotated["trigger"]["url"]


async def test_lists_by_kind_and_what_was_only_counted(api: Api) -> None:
    # given
    ada = await api.person()
    webhook = await make_zip(ada)
    manual = await make_zip(ada, trigger="manual")
    await rows(
        api.platform.database,
        """insert into event_tally (trigger_id, hour, outcome, workspace_id, kept, dropped)
        values (:trigger, '2026-11-22 10:00Z', 'throttled', :workspace, 100, 7) returning hour""",
        trigger=ids.decode(webhook["trigger"]["id"], "trg"),
        workspace=ids.decode(ada.workspace_id, "wsp"),
    )
    query = """query Q($w: ID!, $f: TriggerFilter) { triggers(workspaceId: $w, filter: $f) {
      nodes { id kind url refusals { hour outcome count } } } }"""

    # when
    everything = (await ada(query, w=ada.workspace_id)).data["triggers"]["nodes"]
    only = (await ada(query, w=ada.workspace_id, f={"kinds": ["manual"]})).data["triggers"]["nodes"]

    # then
    assert everything == [
        {"id": manual["trigger"]["id"], "kind": "manual", "url": None, "refusals": []},
        {
            "id": webhook["trigger"]["id"],
            "kind": "webhook",
            "url": webhook["trigger"]["url"],
            "refusals": [{"hour": "2026-11-22T10:00:00.000Z", "outcome": "THROTTLED", "count": 7}],
        },
    ]
    assert [trigger["id"] for trigger in only] == [manual["trigger"]["id"]]
