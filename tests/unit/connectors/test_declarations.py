"""Every declaration holds what forms, services and worker rely on."""

import pytest
from jsonschema import Draft202012Validator

import connectors
from connectors.webhook.trigger import TRIGGER as WEBHOOK
from zipped.catalog import Action, ConnectionKind, Effect, validate_fields
from zipped.services import trigger_settings

CATALOG = connectors.load()
ACTIONS = [action for app in CATALOG for action in app.actions]
KINDS = [kind for app in CATALOG for kind in app.connection_kinds]


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: f"{action.app}.{action.key}")
def test_an_action_is_complete(action: Action) -> None:
    Draft202012Validator.check_schema(action.input)
    Draft202012Validator.check_schema(action.output)
    assert Draft202012Validator(action.output).is_valid(action.sample)
    assert action.input["type"] == "object"
    assert action.input["additionalProperties"] is False
    assert action.title
    assert action.description.endswith(".")
    for name, schema in action.input["properties"].items():
        assert schema.get("title"), name
        assert isinstance(schema["x-zipped"]["order"], int), name
    assert all(CATALOG.connection_kind(kind) for kind in action.connection_kinds)
    assert CATALOG.action(action.app, action.key) is action


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_a_connection_kind_keeps_a_secret_and_can_be_tried(kind: ConnectionKind) -> None:
    Draft202012Validator.check_schema(kind.fields)
    assert kind.secret_fields
    assert kind.test is not None
    assert CATALOG.connection_kind(kind.key) is kind


def test_the_effect_of_a_request_goes_by_its_method() -> None:
    request = CATALOG.action("http", "request")
    assert request is not None
    assert request.effect_of({"url": "x"}) is Effect.READ
    assert request.effect_of({"method": "HEAD"}) is Effect.READ
    assert [request.effect_of({"method": method}) for method in ("POST", "PUT", "PATCH", "DELETE")] == [
        Effect.WRITE
    ] * 4
    assert request.worst_effect is Effect.WRITE


def test_the_webhook_form_says_what_the_door_checks() -> None:
    properties = WEBHOOK.settings["properties"]
    assert {name: schema["default"] for name, schema in properties.items()} == {
        field.name: field.default for field in trigger_settings.FIELDS
    }
    signature = properties["signature"]["properties"]
    assert {name: schema["default"] for name, schema in signature.items()} == {
        field.name: field.default for field in trigger_settings.SIGNATURE_FIELDS
    }
    assert validate_fields(WEBHOOK, trigger_settings.complete({})) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"methods": []},
        {"methods": ["HEAD"]},
        {"maxBodyBytes": 0},
        {"maxBodyBytes": 10_485_761},
        {"dedupeFrom": "body"},
        {"dedupeWindowSeconds": 59},
        {"ratePerSecond": 0},
        {"rateBurst": 100_001},
        {"signature": {"algorithm": "md5"}},
        {"signature": {"prefix": "x" * 41}},
        {"unknown": 1},
    ],
)
def test_form_and_door_refuse_the_same_settings(settings: dict[str, object]) -> None:
    from zipped.errors import ValidationFailed

    assert validate_fields(WEBHOOK, settings)
    with pytest.raises(ValidationFailed):
        trigger_settings.parse(settings)


def test_a_basic_connection_masks_what_it_sends() -> None:
    basic = CATALOG.connection_kind("basic")
    assert basic is not None
    opened = basic.open({"username": "ada", "password": "correct horse"}, id="con_1", hosts=["api.example.com"])
    assert opened.headers == {"Authorization": "Basic YWRhOmNvcnJlY3QgaG9yc2U="}
    assert opened.secrets == ("correct horse", "Basic YWRhOmNvcnJlY3QgaG9yc2U=", "YWRhOmNvcnJlY3QgaG9yc2U=")
    assert "correct horse" not in repr(opened)
    assert "YWRhOmNvcnJlY3QgaG9yc2U" not in repr(opened)


@pytest.mark.parametrize(
    ("hosts", "host", "port", "allowed"),
    [
        ([], "api.example.com", 443, False),
        (["api.example.com"], "api.example.com", 443, True),
        (["API.example.com."], "api.EXAMPLE.com", 443, True),
        (["api.example.com"], "api.example.com.", 8443, True),
        (["api.example.com"], "evil-api.example.com", 443, False),
        (["api.example.com"], "api.example.com.evil.org", 443, False),
        (["api.example.com:8443"], "api.example.com", 443, False),
        (["api.example.com:8443"], "api.example.com", 8443, True),
        (["*.example.com"], "a.b.example.com", 443, True),
        (["*.example.com"], "example.com", 443, False),
        (["*.example.com"], "evilexample.com", 443, False),
        (["*"], "example.com", 443, False),
        (["192.0.2.7"], "192.0.2.7", 80, True),
        (["2001:db8::1"], "2001:db8::1", 443, True),
        (["[2001:db8::1]:8443"], "2001:db8::1", 8443, True),
        (["[2001:db8::1]:8443"], "2001:db8::1", 443, False),
    ],
)
def test_a_secret_is_bound_to_hosts(hosts: list[str], host: str, port: int, allowed: bool) -> None:
    bearer = CATALOG.connection_kind("bearer")
    assert bearer is not None
    assert bearer.open({"token": "t0ken-value"}, id="con_1", hosts=hosts).allows(host, port) is allowed
