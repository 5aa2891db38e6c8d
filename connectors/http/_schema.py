"""What an HTTP request takes and gives, as JSON Schema."""

from typing import Any

_SCALAR = ["string", "number", "boolean", "null"]

#: Authorization and X-API-Key in any case, in a form that JavaScript's regular expressions know too.
_SECRET_HEADERS = "^([Aa][Uu][Tt][Hh][Oo][Rr][Ii][Zz][Aa][Tt][Ii][Oo][Nn]|[Xx]-[Aa][Pp][Ii]-[Kk][Ee][Yy])$"

INPUT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "method": {
            "type": "string",
            "title": "Method",
            "enum": ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"],
            "default": "GET",
            "x-zipped": {"order": 1, "widget": "select"},
        },
        "url": {
            "type": "string",
            "title": "Address",
            "minLength": 1,
            "maxLength": 8192,
            "x-zipped": {
                "order": 2,
                "widget": "text",
                "placeholder": "https://api.example.com/orders",
                "help": "It starts with http:// or https://.",
            },
        },
        "query": {
            "type": "object",
            "title": "Query",
            "description": "Added to the address. A list repeats its name, null leaves it out.",
            "maxProperties": 200,
            "additionalProperties": {"type": [*_SCALAR, "array"], "items": {"type": _SCALAR}},
            "x-zipped": {"order": 3, "widget": "keyvalue"},
        },
        "headers": {
            "type": "object",
            "title": "Headers",
            "description": "Secrets don't belong here but in a connection.",
            "maxProperties": 100,
            "patternProperties": {_SECRET_HEADERS: {"type": _SCALAR, "x-zipped": {"secret": True}}},
            "additionalProperties": {"type": _SCALAR},
            "x-zipped": {"order": 4, "widget": "keyvalue"},
        },
        "bodyType": {
            "type": "string",
            "title": "Body",
            "description": "What is sent. Left out: whichever of JSON, form and raw is filled in.",
            "enum": ["none", "json", "form", "raw"],
            "x-zipped": {"order": 5, "widget": "select"},
        },
        "json": {
            "title": "JSON",
            "description": "Any value, sent as application/json.",
            "x-zipped": {"order": 6, "widget": "json", "showWhen": {"bodyType": "json"}},
        },
        "form": {
            "type": "object",
            "title": "Form fields",
            "description": "Sent as application/x-www-form-urlencoded.",
            "maxProperties": 1000,
            "additionalProperties": {"type": [*_SCALAR, "array"], "items": {"type": _SCALAR}},
            "x-zipped": {"order": 7, "widget": "keyvalue", "showWhen": {"bodyType": "form"}},
        },
        "raw": {
            "type": "string",
            "title": "Raw body",
            "description": "Sent as it is, in UTF-8.",
            "x-zipped": {"order": 8, "widget": "code", "showWhen": {"bodyType": "raw"}},
        },
        "contentType": {
            "type": "string",
            "title": "Content type",
            "description": "Instead of the usual one of the body's type.",
            "maxLength": 200,
            "x-zipped": {"order": 9, "advanced": True, "placeholder": "application/xml"},
        },
        "responseType": {
            "type": "string",
            "title": "Read the answer as",
            "enum": ["auto", "json", "text", "base64"],
            "default": "auto",
            "x-zipped": {"order": 10, "widget": "select", "advanced": True},
        },
        "failOnError": {
            "type": "boolean",
            "title": "Fail unless the answer is 2xx",
            "default": True,
            "x-zipped": {"order": 11, "widget": "switch", "advanced": True},
        },
        "followRedirects": {
            "type": "boolean",
            "title": "Follow redirects",
            "description": "A connection's secret never follows to another host.",
            "default": True,
            "x-zipped": {"order": 12, "widget": "switch", "advanced": True},
        },
        "maxRedirects": {
            "type": "integer",
            "title": "Redirects at most",
            "minimum": 0,
            "maximum": 5,
            "default": 5,
            "x-zipped": {"order": 13, "widget": "number", "advanced": True},
        },
        "maxBytes": {
            "type": "integer",
            "title": "Largest answer in bytes",
            "description": "After decompression.",
            "minimum": 1,
            "maximum": 10_485_760,
            "default": 1_048_576,
            "x-zipped": {"order": 14, "widget": "number", "advanced": True},
        },
    },
    "required": ["url"],
    "additionalProperties": False,
}

OUTPUT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "status": {"type": "integer"},
        "headers": {
            "type": "object",
            "description": "Names in lower case.",
            "additionalProperties": {"type": "string"},
        },
        "body": {"description": "Decoded JSON, text, base64 or null, as bodyType says."},
        "bodyType": {"type": "string", "enum": ["json", "text", "base64", "empty"]},
        "size": {"type": "integer", "description": "Bytes of the answer's body."},
        "url": {"type": "string", "description": "What answered in the end, after redirects."},
        "redirects": {"type": "integer"},
    },
}

SAMPLE: dict[str, Any] = {
    "status": 200,
    "headers": {"content-type": "application/json"},
    "body": {"id": 42, "name": "Ada"},
    "bodyType": "json",
    "size": 24,
    "url": "https://api.example.com/orders/42",
    "redirects": 0,
}
