"""The trigger that every system with an HTTP client can pull.

The schema says for forms what `zipped.services.trigger_settings` checks; a test holds the two together.
"""

from typing import Any

from zipped.catalog import TriggerKind

_HEADER: dict[str, Any] = {"type": ["string", "null"], "maxLength": 100, "default": None}

_SIGNATURE: dict[str, Any] = {
    "type": "object",
    "title": "Signature",
    "description": "How the sender signs, for a webhook that verifies signatures (HMAC).",
    "default": {},
    "properties": {
        "header": {
            "type": "string",
            "title": "Header with the signature",
            "default": "X-Signature",
            "x-zipped": {"order": 1, "templates": False},
        },
        "algorithm": {
            "type": "string",
            "title": "Algorithm",
            "enum": ["sha256", "sha1", "sha512"],
            "default": "sha256",
            "x-zipped": {"order": 2, "widget": "select"},
        },
        "encoding": {
            "type": "string",
            "title": "Encoding",
            "enum": ["hex", "base64"],
            "default": "hex",
            "x-zipped": {"order": 3, "widget": "select"},
        },
        "prefix": {
            "type": "string",
            "title": "Prefix",
            "description": "What stands before the signature itself.",
            "maxLength": 40,
            "default": "",
            "x-zipped": {"order": 4, "placeholder": "sha256="},
        },
        "timestampHeader": {**_HEADER, "title": "Header with the time", "x-zipped": {"order": 5}},
        "toleranceSeconds": {
            "type": "integer",
            "title": "Time may differ by, in seconds",
            "minimum": 1,
            "maximum": 86_400,
            "default": 300,
            "x-zipped": {"order": 6, "widget": "number"},
        },
        "payload": {
            "type": ["string", "null"],
            "title": "What is signed",
            "description": "A text with {body} and, with a time, {timestamp}.",
            "maxLength": 100,
            "default": None,
            "x-zipped": {"order": 7, "placeholder": "{timestamp}.{body}"},
        },
    },
    "additionalProperties": False,
    "x-zipped": {"order": 8, "advanced": True},
}

TRIGGER = TriggerKind(
    app="webhook",
    key="webhook",
    title="Webhook",
    description="Runs whenever something calls its address. What was sent is what the steps see.",
    settings={
        "type": "object",
        "properties": {
            "methods": {
                "type": "array",
                "title": "Methods",
                "description": "Which calls start a run. HEAD and OPTIONS never do.",
                "items": {"type": "string", "enum": ["POST", "PUT", "PATCH", "GET", "DELETE"]},
                "minItems": 1,
                "default": ["POST", "PUT", "PATCH"],
                "x-zipped": {"order": 1, "widget": "select"},
            },
            "maxBodyBytes": {
                "type": "integer",
                "title": "Largest body in bytes",
                "minimum": 1,
                "maximum": 10_485_760,
                "default": 1_048_576,
                "x-zipped": {"order": 2, "widget": "number", "advanced": True},
            },
            "dedupeFrom": {
                "type": "string",
                "title": "Recognise repetitions by",
                "description": "standard: Idempotency-Key, else webhook-id; header: the one below; none: not at all.",
                "enum": ["standard", "header", "none"],
                "default": "standard",
                "x-zipped": {"order": 3, "widget": "select", "advanced": True},
            },
            "dedupeHeader": {
                **_HEADER,
                "title": "Header with the key",
                "x-zipped": {"order": 4, "advanced": True, "placeholder": "X-GitHub-Delivery"},
            },
            "dedupeWindowSeconds": {
                "type": "integer",
                "title": "Remember keys for, in seconds",
                "minimum": 60,
                "maximum": 2_592_000,
                "default": 604_800,
                "x-zipped": {"order": 5, "widget": "duration", "advanced": True},
            },
            "ratePerSecond": {
                "type": ["number", "null"],
                "title": "Calls a second in the long run",
                "description": "Empty: no limit. What is over it is answered with 429.",
                "minimum": 0.01,
                "maximum": 10_000,
                "default": None,
                "x-zipped": {"order": 6, "widget": "number", "advanced": True},
            },
            "rateBurst": {
                "type": ["integer", "null"],
                "title": "Calls at once",
                "description": "Empty: as many as in two seconds.",
                "minimum": 1,
                "maximum": 100_000,
                "default": None,
                "x-zipped": {"order": 7, "widget": "number", "advanced": True},
            },
            "signature": _SIGNATURE,
        },
        "additionalProperties": False,
    },
    sample={
        "method": "POST",
        "headers": {"content-type": "application/json"},
        "query": {},
        "body": {"id": 42, "name": "Ada"},
        "raw": '{"id":42,"name":"Ada"}',
    },
)
