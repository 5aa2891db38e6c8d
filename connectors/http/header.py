"""An API key in a header of any name."""

from collections.abc import Mapping
from typing import Any

from connectors.http._try_it import address_field, try_http
from zipped.catalog import ConnectionKind


def _headers(fields: Mapping[str, Any]) -> Mapping[str, str]:
    return {str(fields.get("name") or ""): str(fields.get("value") or "")}


CONNECTION = ConnectionKind(
    app="http",
    key="header",
    title="API key in a header",
    description="A header of your choice with a secret value, such as X-API-Key.",
    fields={
        "type": "object",
        "properties": {
            "name": {
                "type": "string",
                "title": "Header",
                "minLength": 1,
                "maxLength": 128,
                "pattern": "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
                "x-zipped": {
                    "order": 1,
                    "placeholder": "X-API-Key",
                    "help": "Letters, digits and hyphens, as in X-API-Key.",
                },
            },
            "value": {
                "type": "string",
                "title": "Value",
                "minLength": 1,
                "maxLength": 8000,
                "pattern": "^[^\\u0000-\\u001f\\u007f]+$",
                "x-zipped": {
                    "order": 2,
                    "widget": "secret",
                    "secret": True,
                    "help": "It can't hold a line break or control character.",
                },
            },
            "testUrl": address_field(3),
        },
        "required": ["name", "value"],
        "additionalProperties": False,
    },
    headers=_headers,
    test=try_http,
)
