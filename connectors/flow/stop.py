"""Stop: end the run here, well or not."""

from collections.abc import Mapping
from typing import Any, Literal

from zipped.catalog import Action, ActionContext, Effect, Outcome, Stopped


async def run(context: ActionContext, input: Mapping[str, Any]) -> Outcome:
    """End the run as the author says."""
    status: Literal["succeeded", "failed"] = "failed" if input.get("status") == "failed" else "succeeded"
    message = input.get("message") or ""
    return Stopped(status=status, message=message, output={"status": status, "message": message})


ACTION = Action(
    app="flow",
    key="stop",
    title="Stop",
    description="End the run here. The steps after it don't run.",
    input={
        "type": "object",
        "properties": {
            "status": {
                "type": "string",
                "title": "The run has",
                "enum": ["succeeded", "failed"],
                "default": "succeeded",
                "x-zipped": {"order": 1, "widget": "select"},
            },
            "message": {
                "type": "string",
                "title": "Message",
                "description": "Shown with the run.",
                "maxLength": 2000,
                "x-zipped": {"order": 2, "widget": "textarea"},
            },
        },
        "additionalProperties": False,
    },
    output={
        "type": "object",
        "properties": {"status": {"type": "string"}, "message": {"type": "string"}},
    },
    sample={"status": "succeeded", "message": "Nothing to do."},
    effect=Effect.PURE,
    run=run,
)
