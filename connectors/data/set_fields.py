"""Set fields: names for values, so that later steps read them in one place."""

from collections.abc import Mapping
from typing import Any

from zipped.catalog import Action, ActionContext, Effect, Outcome, Succeeded


async def run(context: ActionContext, input: Mapping[str, Any]) -> Outcome:
    """The fields, as they are."""
    return Succeeded(dict(input["fields"]))


ACTION = Action(
    app="data",
    key="set_fields",
    title="Set fields",
    description="Give values a name: pick parts of what came before, change them with filters, write your own.",
    input={
        "type": "object",
        "properties": {
            "fields": {
                "type": "object",
                "title": "Fields",
                "description": "Name and value of each field. A value may be text, a number, true or false, or JSON.",
                "maxProperties": 200,
                "x-zipped": {"order": 1, "widget": "keyvalue"},
            }
        },
        "required": ["fields"],
        "additionalProperties": False,
    },
    output={"type": "object", "description": "The fields."},
    sample={"name": "Ada", "total": 42},
    effect=Effect.PURE,
    run=run,
)
