"""A connection's fields and hosts: checked, and parted into what may be shown and what is sealed.

Whoever may edit a connection must not be able to read it through a detour: a secret that is stored can't be sent to a
new place. Adding a host, or changing a plain field of a kind whose fields name the place (a mail server), therefore
asks for the secret again.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final, TypedDict
from uuid import UUID

import orjson

from zipped.catalog import ConnectionKind, validate_fields
from zipped.crypto import CannotOpen, SecretBox
from zipped.engine.problem import Problem
from zipped.errors import ValidationFailed
from zipped.models import Connection
from zipped.services import texts
from zipped.services.rows import seal_name
from zipped.services.sealed_connections import secrets_of

MAX_FIELDS: Final = 64 * 1024  # bytes of JSON
MAX_HOSTS: Final = 50

#: A name or an address, "*." before a name for what is below it, ":port" behind.
HOST: Final = re.compile(
    r"(\*\.)?([A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?"
)
MAX_HOST: Final = 260  # characters


class ConnectionChanges(TypedDict, total=False):
    """What an update changes; what is left out stays as it is."""

    name: str
    #: Those to change, by name; None takes a field away. What isn't named is kept, secrets too.
    fields: object
    hosts: list[str]


def checked(kind: ConnectionKind, fields: object) -> dict[str, Any]:
    """The fields, as the kind asks for them. Raises ValidationFailed with every problem."""
    texts.json_bytes(fields, path=("fields",), max_bytes=MAX_FIELDS, max_depth=8)
    if problems := validate_fields(kind, fields):
        raise ValidationFailed(
            [Problem(path=("fields", *one.path), code=one.code, message=one.message, fix=one.fix) for one in problems]
        )
    assert isinstance(fields, dict)  # every kind's schema asks for an object
    return fields


def checked_hosts(kind: ConnectionKind, hosts: Collection[str]) -> list[str]:
    """The hosts that may be sent the secret, in lower case. Raises ValidationFailed with every problem."""
    if not kind.binds_hosts:
        if hosts:
            raise ValidationFailed.of(
                f"{kind.title}: its fields say where it leads, so it takes no hosts.",
                path=("hosts",),
                code="not_allowed",
                fix="Leave them out.",
            )
        return []
    if not 1 <= len(hosts) <= MAX_HOSTS:
        raise ValidationFailed.of(
            f"Name 1 to {MAX_HOSTS} hosts that may be sent this secret.",
            path=("hosts",),
            code="required",
            fix="Enter the name of the other side, for example api.example.com.",
        )
    problems = [
        Problem(
            path=("hosts", str(index)),
            code="not_a_host",
            message="That is no host.",
            fix="Enter a name like api.example.com, *.example.com or api.example.com:8443, without https://.",
        )
        for index, host in enumerate(hosts)
        if len(host) > MAX_HOST or not HOST.fullmatch(host)
    ]
    if problems:
        raise ValidationFailed(problems)
    return list(dict.fromkeys(host.lower() for host in hosts))


def columns(
    kind: ConnectionKind, fields: Mapping[str, Any], *, box: SecretBox, workspace_id: UUID, connection_id: UUID
) -> dict[str, Any]:
    """How checked fields are stored: what may be shown in `public`, the rest in `sealed`."""
    secrets = {name: value for name, value in fields.items() if name in kind.secret_fields}
    return {
        "public": {name: value for name, value in fields.items() if name not in kind.secret_fields},
        "sealed": box.seal(orjson.dumps(secrets), aad=seal_name(workspace_id, connection_id)),
        "key_id": box.key_id,
    }


def changed_columns(
    row: Connection, changes: ConnectionChanges, *, box: SecretBox, kind: ConnectionKind
) -> dict[str, Any]:
    """How the connection is stored after `changes`. Raises ValidationFailed."""
    given = changes.get("fields", {})
    texts.json_bytes(given, path=("fields",), max_bytes=MAX_FIELDS, max_depth=8)
    if not isinstance(given, Mapping):
        raise ValidationFailed.of(
            "The fields are an object.", path=("fields",), code="wrong_type", fix="Send them by name."
        )
    try:
        secrets = secrets_of(row, box)
    except CannotOpen:  # what can't be opened is lost; the schema asks for it again
        secrets = {}
    hosts = checked_hosts(kind, changes["hosts"]) if "hosts" in changes else list(row.hosts)
    merged = {name: value for name, value in {**row.public, **secrets, **given}.items() if value is not None}
    after = columns(kind, checked(kind, merged), box=box, workspace_id=row.workspace_id, connection_id=row.id)
    moved = set(hosts) - set(row.hosts) if kind.binds_hosts else after["public"] != row.public
    if moved and (kept := [name for name in sorted(secrets) if name not in given]):
        raise ValidationFailed(
            [
                Problem(
                    path=("fields", name),
                    code="required",
                    message="The stored secret would be sent to a new place.",
                    fix="Enter it again.",
                )
                for name in kept
            ]
        )
    return {**after, "hosts": hosts}
