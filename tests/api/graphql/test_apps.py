"""The catalogue in GraphQL."""

from jsonschema import Draft202012Validator

from tests.fixtures.graphql import Api

QUERY = """{ apps { key title description icon
  actions { app key title description input output sample effect connectionKinds isConnectionRequired
            timeoutSeconds maySuspend }
  triggers { key title description settings sample }
  connectionKinds { key title description fields bindsHosts isTestable } } }"""


async def test_every_app_is_told_with_the_schemas_of_its_forms(api: Api) -> None:
    # given
    ada = await api.person()

    # when
    apps = (await ada(QUERY)).data["apps"]

    # then
    catalog = api.platform.catalog
    assert [app["key"] for app in apps] == [app.key for app in catalog]
    for app in apps:
        declared = catalog.app(app["key"])
        assert declared is not None
        assert [action["key"] for action in app["actions"]] == [action.key for action in declared.actions]
        for action in app["actions"]:
            known = catalog.action(app["key"], action["key"])
            assert known is not None
            assert (action["input"], action["output"], action["sample"]) == (known.input, known.output, known.sample)
            assert action["effect"] == known.worst_effect.value.upper()
            Draft202012Validator.check_schema(action["input"])
        for kind in app["connectionKinds"]:
            secret = [name for name, one in kind["fields"]["properties"].items() if one["x-zipped"].get("secret")]
            assert secret, kind["key"]
    request = next(action for app in apps for action in app["actions"] if action["key"] == "request")
    assert (request["app"], request["effect"], request["connectionKinds"]) == (
        "http",
        "WRITE",
        ["basic", "bearer", "header"],
    )
    assert {trigger["key"] for app in apps for trigger in app["triggers"]} == {"webhook", "manual"}
