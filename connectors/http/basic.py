"""Basic authentication: a user name and a password."""

import base64
from collections.abc import Mapping
from typing import Any

from connectors.http._try_it import address_field, try_http
from zipped.catalog import ConnectionKind


def _headers(fields: Mapping[str, Any]) -> Mapping[str, str]:
    pair = f"{fields.get('username') or ''}:{fields.get('password') or ''}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


CONNECTION = ConnectionKind(
    app="http",
    key="basic",
    title="User name and password",
    description="HTTP basic authentication (RFC 7617).",
    fields={
        "type": "object",
        "properties": {
            "username": {
                "type": "string",
                "title": "User name",
                "maxLength": 1000,
                "pattern": "^[^:\\u0000-\\u001f]*$",
                "x-zipped": {"order": 1, "help": "It can't hold a colon or a control character."},
            },
            "password": {
                "type": "string",
                "title": "Password",
                "maxLength": 4000,
                "pattern": "^[^\\u0000-\\u001f]*$",
                "x-zipped": {"order": 2, "widget": "secret", "secret": True},
            },
            "testUrl": address_field(3),
        },
        "required": ["username", "password"],
        "additionalProperties": False,
    },
    headers=_headers,
    test=try_http,
)
