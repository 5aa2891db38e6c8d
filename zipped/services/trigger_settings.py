"""What the author of a zip may decide about its webhook, as one table of fields.

The door, the mutation that changes a trigger and the documentation read the same table: names, defaults, limits. The
stored form is a JSON object with these names; what is missing has its default, so that a new field needs no migration.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from zipped.engine.near import nearest
from zipped.engine.problem import Problem
from zipped.errors import ValidationFailed
from zipped.services.setting_checks import (
    Check,
    header_name,
    nothing_or,
    number,
    object_of,
    one_of,
    some_of,
    template_of,
    text,
    whole,
)

METHODS: Final = ("POST", "PUT", "PATCH", "GET", "DELETE")
VERIFIERS: Final = ("open", "hmac")
MIB: Final = 1 << 20
DAY: Final = 86_400  # seconds
MAX_BODY: Final = 10 * MIB
MAX_SECRETS: Final = 5  # good at once, while they are being changed
SECRET_LENGTH: Final = (8, 512)  # characters
#: Their values are never stored, and a key is.
CREDENTIALS: Final = ("authorization", "cookie", "proxy-authorization")


@dataclass(frozen=True, slots=True)
class Field:
    """One setting: its name in JSON, what it is when it is missing, and what is wrong with a value."""

    name: str
    default: Any
    check: Check


SIGNATURE_FIELDS: Final = (
    Field("header", "X-Signature", header_name()),
    Field("algorithm", "sha256", one_of("sha256", "sha1", "sha512")),
    Field("encoding", "hex", one_of("hex", "base64")),
    #: What stands before the signature itself, for example "sha256=".
    Field("prefix", "", text(longest=40)),
    Field("timestampHeader", None, nothing_or(header_name())),
    Field("toleranceSeconds", 300, whole(1, DAY)),
    #: What is signed; none: "{timestamp}.{body}" with a timestamp header, else "{body}".
    Field("payload", None, nothing_or(template_of("timestamp", "body", longest=100))),
)

FIELDS: Final = (
    Field("methods", ["POST", "PUT", "PATCH"], some_of(*METHODS)),
    Field("maxBodyBytes", MIB, whole(1, MAX_BODY)),
    #: standard: Idempotency-Key, else webhook-id. header: the one named in dedupeHeader. none: every request counts.
    Field("dedupeFrom", "standard", one_of("standard", "header", "none")),
    Field("dedupeHeader", None, nothing_or(header_name())),
    Field("dedupeWindowSeconds", 7 * DAY, whole(60, 30 * DAY)),
    #: Requests a second in the long run; none: no limit.
    Field("ratePerSecond", None, nothing_or(number(0.01, 10_000))),
    #: Requests that may come at once; none: as many as in two seconds.
    Field("rateBurst", None, nothing_or(whole(1, 100_000))),
    Field("signature", {}, object_of()),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """How a sender signs; names of headers in lower case."""

    header: str
    algorithm: str
    encoding: str
    prefix: str
    timestamp_header: str | None
    tolerance_seconds: int
    payload: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    """The settings of one webhook, complete and checked."""

    methods: tuple[str, ...]
    max_body_bytes: int
    #: Headers to look for a key in, the first that is there counts; in lower case.
    dedupe_headers: tuple[str, ...]
    dedupe_window_seconds: int
    rate_per_second: float | None
    rate_burst: int
    signature: Signature


def parse(document: object, *, verifier: str = "open", path: Sequence[str] = ("settings",)) -> WebhookSettings:
    """The settings in a stored or given document.

    Raises ValidationFailed with every problem at once, each under `path`.
    """
    problems = list(_problems(document, verifier))
    if problems:
        raise ValidationFailed([_under(path, problem) for problem in problems])
    values = _complete(document, FIELDS)
    rate = values["ratePerSecond"]
    return WebhookSettings(
        methods=tuple(values["methods"]),
        max_body_bytes=values["maxBodyBytes"],
        dedupe_headers=_dedupe_headers(values),
        dedupe_window_seconds=values["dedupeWindowSeconds"],
        rate_per_second=rate,
        rate_burst=values["rateBurst"] or max(1, int(2 * (rate or 1))),
        signature=_signature(_complete(values["signature"], SIGNATURE_FIELDS)),
    )


def complete(document: Mapping[str, Any]) -> dict[str, Any]:
    """A checked document with every default filled in: what is shown."""
    values = _complete(document, FIELDS)
    return {**values, "signature": _complete(values["signature"], SIGNATURE_FIELDS)}


def check_secrets(secrets: object, *, path: Sequence[str] = ("secrets",)) -> tuple[str, ...]:
    """The verifier's secrets. Raises ValidationFailed; the message never repeats a secret."""
    shortest, longest = SECRET_LENGTH
    if not isinstance(secrets, Sequence) or isinstance(secrets, str | bytes) or not 1 <= len(secrets) <= MAX_SECRETS:
        raise ValidationFailed.of(
            f"A signed webhook needs 1 to {MAX_SECRETS} secrets.",
            path=path,
            code="required",
            fix="Enter the secret that the sender signs with; several are good at once while one is being changed.",
        )
    for index, secret in enumerate(secrets):
        if not isinstance(secret, str) or not shortest <= len(secret) <= longest or not _encodable(secret):
            raise ValidationFailed.of(
                f"A secret has {shortest} to {longest} characters.",
                path=(*path, str(index)),
                code="bad_secret",
                fix="Copy it from the sender again.",
            )
    return tuple(secrets)


def _problems(document: object, verifier: str) -> Iterator[Problem]:
    if verifier not in VERIFIERS:
        yield Problem(
            path=("verifier",),
            code="unknown_verifier",
            message=f"“{verifier[:60]}” is no way to verify a webhook.",
            fix=f"Choose {' or '.join(VERIFIERS)}.",
        )
    own = list(_problems_of(document, FIELDS, ()))
    yield from own
    if not isinstance(document, Mapping):
        return
    signature = document.get("signature", {})
    theirs = list(_problems_of(signature, SIGNATURE_FIELDS, ("signature",))) if isinstance(signature, Mapping) else []
    yield from theirs
    if not own and document.get("dedupeFrom") == "header" and not document.get("dedupeHeader"):
        yield Problem(
            path=("dedupeHeader",),
            code="required",
            message="No header is named to take the key from.",
            fix="Name the header, for example X-GitHub-Delivery, or set dedupeFrom to standard.",
        )
    if not own and str(document.get("dedupeHeader")).lower() in CREDENTIALS:
        yield Problem(
            path=("dedupeHeader",),
            code="credential",
            message="This header holds a credential, which is never stored; a key is.",
            fix="Name the header with the sender's id of the event, for example X-GitHub-Delivery.",
        )
    if not own and not theirs and verifier == "hmac":
        yield from _signature_problems(_complete(signature, SIGNATURE_FIELDS))


def _problems_of(document: object, fields: Sequence[Field], path: tuple[str, ...]) -> Iterator[Problem]:
    if not isinstance(document, Mapping):
        yield Problem(path=path, code="type", message="It is not an object.", fix="Send an object of settings.")
        return
    known = {field.name: field for field in fields}
    for name, value in document.items():
        if name not in known:
            near = nearest(str(name), known)
            yield Problem(
                path=(*path, str(name)[:60]),
                code="unknown_field",
                message="There is no setting of this name.",
                fix=f"Did you mean {near}?" if near else f"The settings are {', '.join(known)}.",
            )
        elif wrong := known[name].check(value):
            code, message, fix = wrong
            yield Problem(path=(*path, name), code=code, message=message, fix=fix)


def _signature_problems(values: Mapping[str, Any]) -> Iterator[Problem]:
    payload, stamped = values["payload"], values["timestampHeader"]
    if payload is None:
        return
    if payload.count("{body}") != 1:
        yield Problem(
            path=("signature", "payload"),
            code="no_body",
            message="The body must be part of what is signed, once.",
            fix="Write {body} once, for example {timestamp}.{body}.",
        )
    if "{timestamp}" in payload and not stamped:
        yield Problem(
            path=("signature", "timestampHeader"),
            code="required",
            message="What is signed holds {timestamp}, but no header is named to take it from.",
            fix="Name the header, for example X-Timestamp, or take {timestamp} out.",
        )
    if stamped and "{timestamp}" not in payload:
        yield Problem(
            path=("signature", "payload"),
            code="unsigned_timestamp",
            message="The timestamp is not part of what is signed: anybody could change it.",
            fix="Write {timestamp}.{body}, or take the timestamp header out.",
        )


def _complete(document: Any, fields: Sequence[Field]) -> dict[str, Any]:
    return {field.name: document.get(field.name, field.default) for field in fields}


def _dedupe_headers(values: Mapping[str, Any]) -> tuple[str, ...]:
    match values["dedupeFrom"]:
        case "standard":
            return ("idempotency-key", "webhook-id")
        case "header":
            return (values["dedupeHeader"].lower(),)
        case _:
            return ()


def _signature(values: Mapping[str, Any]) -> Signature:
    stamped = values["timestampHeader"]
    return Signature(
        header=values["header"].lower(),
        algorithm=values["algorithm"],
        encoding=values["encoding"],
        prefix=values["prefix"],
        timestamp_header=stamped.lower() if stamped else None,
        tolerance_seconds=values["toleranceSeconds"],
        payload=values["payload"] or ("{timestamp}.{body}" if stamped else "{body}"),
    )


def _encodable(secret: str) -> bool:
    try:
        secret.encode()
    except UnicodeEncodeError:
        return False
    return True


def _under(path: Sequence[str], problem: Problem) -> Problem:
    # The verifier is a field beside the settings, not one of them.
    root = path[:-1] if problem.path == ("verifier",) else path
    return Problem(path=(*root, *problem.path), code=problem.code, message=problem.message, fix=problem.fix)
