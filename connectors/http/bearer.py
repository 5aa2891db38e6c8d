"""Bearer authentication: one token."""

from collections.abc import Mapping
from typing import Any

from connectors.http._try_it import address_field, try_http
from zipped.catalog import ConnectionKind


def _headers(fields: Mapping[str, Any]) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {fields.get('token') or ''}"}


CONNECTION = ConnectionKind(
    app="http",
    key="bearer",
    title="Bearer token",
    description="A token in the Authorization header (RFC 6750).",
    fields={
        "type": "object",
        "properties": {
            "token": {
                "type": "string",
                "title": "Token",
                "minLength": 1,
                "maxLength": 8000,
                "pattern": "^[\\u0021-\\u007e]+$",
                "x-zipped": {
                    "order": 1,
                    "widget": "secret",
                    "secret": True,
                    "help": "The token alone, without the word Bearer, spaces or line breaks.",
                },
            },
            "testUrl": address_field(2),
        },
        "required": ["token"],
        "additionalProperties": False,
    },
    headers=_headers,
    test=try_http,
)
