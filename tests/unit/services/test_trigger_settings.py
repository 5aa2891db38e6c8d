"""The settings of a webhook: defaults, limits, and every problem at once."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest

from zipped.errors import ValidationFailed
from zipped.services import trigger_settings
from zipped.services.trigger_settings import Signature


def problems(document: object, verifier: str = "open") -> list[tuple[str, str]]:
    with pytest.raises(ValidationFailed) as failure:
        trigger_settings.parse(document, verifier=verifier)
    assert all(problem.message and problem.fix for problem in failure.value.problems)
    return [(".".join(problem.path), problem.code) for problem in failure.value.problems]


def test_nothing_set_is_every_default() -> None:
    settings = trigger_settings.parse({})
    assert settings.methods == ("POST", "PUT", "PATCH")
    assert settings.max_body_bytes == 1_048_576
    assert settings.dedupe_headers == ("idempotency-key", "webhook-id")
    assert settings.dedupe_window_seconds == 604_800
    assert settings.rate_per_second is None
    assert settings.signature == Signature(
        header="x-signature",
        algorithm="sha256",
        encoding="hex",
        prefix="",
        timestamp_header=None,
        tolerance_seconds=300,
        payload="{body}",
    )


def test_what_is_shown_has_every_default_and_can_be_sent_back() -> None:
    shown = trigger_settings.complete({"ratePerSecond": 5, "signature": {"prefix": "v1="}})
    assert shown["ratePerSecond"] == 5
    assert shown["signature"]["prefix"] == "v1="
    assert shown["maxBodyBytes"] == 1_048_576
    assert trigger_settings.parse(shown) == trigger_settings.parse({"ratePerSecond": 5, "signature": {"prefix": "v1="}})


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"dedupeFrom": "none"}, ()),
        ({"dedupeFrom": "header", "dedupeHeader": "X-GitHub-Delivery"}, ("x-github-delivery",)),
    ],
)
def test_where_a_key_comes_from(document: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert trigger_settings.parse(document).dedupe_headers == expected


@pytest.mark.parametrize(("document", "burst"), [({"ratePerSecond": 10}, 20), ({"ratePerSecond": 0.1}, 1)])
def test_a_burst_is_two_seconds_unless_it_is_set(document: dict[str, Any], burst: int) -> None:
    assert trigger_settings.parse(document).rate_burst == burst
    assert trigger_settings.parse({**document, "rateBurst": 7}).rate_burst == 7


def test_a_timestamp_is_signed_by_default() -> None:
    settings = trigger_settings.parse({"signature": {"timestampHeader": "X-Timestamp"}}, verifier="hmac")
    assert settings.signature.payload == "{timestamp}.{body}"
    assert settings.signature.timestamp_header == "x-timestamp"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (None, [("settings", "type")]),
        ([], [("settings", "type")]),
        ({"method": ["POST"]}, [("settings.method", "unknown_field")]),
        ({"methods": []}, [("settings.methods", "not_a_choice")]),
        ({"methods": "POST"}, [("settings.methods", "not_a_choice")]),
        ({"methods": ["HEAD"]}, [("settings.methods", "not_a_choice")]),
        ({"methods": [["POST"]]}, [("settings.methods", "not_a_choice")]),
        ({"methods": ["POST", "POST"]}, [("settings.methods", "twice")]),
        ({"maxBodyBytes": 10_485_761}, [("settings.maxBodyBytes", "out_of_range")]),
        ({"maxBodyBytes": 0}, [("settings.maxBodyBytes", "out_of_range")]),
        ({"maxBodyBytes": True}, [("settings.maxBodyBytes", "out_of_range")]),
        ({"maxBodyBytes": 1e3}, [("settings.maxBodyBytes", "out_of_range")]),
        ({"dedupeFrom": "body"}, [("settings.dedupeFrom", "not_a_choice")]),
        ({"dedupeFrom": "header"}, [("settings.dedupeHeader", "required")]),
        ({"dedupeFrom": "header", "dedupeHeader": "Authorization"}, [("settings.dedupeHeader", "credential")]),
        ({"dedupeHeader": "X Key"}, [("settings.dedupeHeader", "not_a_header")]),
        ({"dedupeWindowSeconds": 59}, [("settings.dedupeWindowSeconds", "out_of_range")]),
        ({"ratePerSecond": 0}, [("settings.ratePerSecond", "out_of_range")]),
        ({"ratePerSecond": float("nan")}, [("settings.ratePerSecond", "out_of_range")]),
        ({"signature": "sha256"}, [("settings.signature", "type")]),
        ({"signature": {"algoritm": "md5"}}, [("settings.signature.algoritm", "unknown_field")]),
        ({"signature": {"algorithm": "md5"}}, [("settings.signature.algorithm", "not_a_choice")]),
        ({"signature": {"prefix": "ü"}}, [("settings.signature.prefix", "bad_text")]),
        ({"signature": {"prefix": "a\nb"}}, [("settings.signature.prefix", "bad_text")]),
        ({"signature": {"payload": "{id}.{body}"}}, [("settings.signature.payload", "unknown_placeholder")]),
        ({"signature": {"payload": "{body}}"}}, [("settings.signature.payload", "unknown_placeholder")]),
        (
            {"methods": ["HEAD"], "maxBodyBytes": -1, "signature": {"encoding": "utf-8", "toleranceSeconds": 0}},
            [
                ("settings.methods", "not_a_choice"),
                ("settings.maxBodyBytes", "out_of_range"),
                ("settings.signature.encoding", "not_a_choice"),
                ("settings.signature.toleranceSeconds", "out_of_range"),
            ],
        ),
    ],
)
def test_every_problem_has_its_place(document: object, expected: list[tuple[str, str]]) -> None:
    assert problems(document) == expected


@pytest.mark.parametrize(
    ("signature", "expected"),
    [
        ({"payload": "hello"}, [("settings.signature.payload", "no_body")]),
        ({"payload": "{body}{body}"}, [("settings.signature.payload", "no_body")]),
        ({"payload": "{timestamp}.{body}"}, [("settings.signature.timestampHeader", "required")]),
        (
            {"payload": "{body}", "timestampHeader": "X-Timestamp"},
            [("settings.signature.payload", "unsigned_timestamp")],
        ),
    ],
)
def test_what_is_signed_must_make_sense_where_it_is_checked(
    signature: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert problems({"signature": signature}, "hmac") == expected


def test_an_unknown_verifier() -> None:
    assert problems({}, "stripe") == [("verifier", "unknown_verifier")]


def test_a_near_name_is_suggested() -> None:
    with pytest.raises(ValidationFailed) as failure:
        trigger_settings.parse({"maxBodyByte": 1})
    assert failure.value.problems[0].fix == "Did you mean maxBodyBytes?"


@pytest.mark.parametrize(
    ("secrets", "path"),
    [
        ([], ("secrets",)),
        ("one secret", ("secrets",)),
        (["long enough"] * 6, ("secrets",)),
        (["long enough", "short"], ("secrets", "1")),
        (["x" * 513], ("secrets", "0")),
        (["\ud800" * 10], ("secrets", "0")),
        ([12345678], ("secrets", "0")),
    ],
)
def test_secrets_are_few_and_long_and_never_repeated(secrets: object, path: tuple[str, ...]) -> None:
    with pytest.raises(ValidationFailed) as failure:
        trigger_settings.check_secrets(secrets)
    assert failure.value.path == path
    assert "short" not in failure.value.message


def test_good_secrets() -> None:
    assert trigger_settings.check_secrets(["long enough", "ßßßßßßßß"]) == ("long enough", "ßßßßßßßß")


def test_the_documentation_shows_the_defaults() -> None:
    page = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text()
    [shown] = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    assert orjson.loads(shown) == trigger_settings.complete({})


def test_the_catalogue_says_the_same_for_forms() -> None:
    """The form is drawn from the connector's schema; what is checked is this table."""
    import connectors

    kind = connectors.load().trigger("webhook")
    assert kind is not None
    properties = kind.settings["properties"]
    assert {name: schema.get("default") for name, schema in properties.items()} == {
        field.name: field.default for field in trigger_settings.FIELDS
    }
    assert {name: schema.get("default") for name, schema in properties["signature"]["properties"].items()} == {
        field.name: field.default for field in trigger_settings.SIGNATURE_FIELDS
    }
