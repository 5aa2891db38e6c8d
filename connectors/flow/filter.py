"""Filter: go on only if conditions hold; else the run ends here, well, with the reason."""

from collections.abc import Mapping
from typing import Any

from zipped.catalog import OPERATORS, Action, ActionContext, Condition, Effect, Filtered, Outcome, Succeeded, judge


async def run(context: ActionContext, input: Mapping[str, Any]) -> Outcome:
    """Judge the conditions."""
    conditions = [
        Condition(left=one.get("left"), op=one["op"], right=one.get("right"), label=one.get("label") or "")
        for one in input["conditions"]
    ]
    verdict = judge(conditions, "any" if input.get("match") == "any" else "all")
    if verdict.matched:
        return Succeeded({"matched": True, "reason": ""})
    return Filtered(verdict.reason, {"matched": False, "reason": verdict.reason})


ACTION = Action(
    app="flow",
    key="filter",
    title="Filter",
    description="Go on only if the conditions hold. If not, the run ends here, and says why.",
    input={
        "type": "object",
        "properties": {
            "match": {
                "type": "string",
                "title": "Go on if",
                "description": "All conditions hold, or any of them.",
                "enum": ["all", "any"],
                "default": "all",
                "x-zipped": {"order": 1, "widget": "select"},
            },
            "conditions": {
                "type": "array",
                "title": "Conditions",
                "minItems": 1,
                "maxItems": 100,
                "items": {
                    "type": "object",
                    "properties": {
                        "left": {"title": "Value", "x-zipped": {"order": 1, "widget": "text"}},
                        "op": {
                            "type": "string",
                            "title": "Is",
                            "enum": list(OPERATORS),
                            "x-zipped": {"order": 2, "widget": "select", "templates": False},
                        },
                        "right": {"title": "Compared with", "x-zipped": {"order": 3, "widget": "text"}},
                        "label": {
                            "type": "string",
                            "title": "Name",
                            "description": "What the value is called in the reason: “Amount 4 is below 10”.",
                            "maxLength": 100,
                            "x-zipped": {"order": 4, "widget": "text", "advanced": True},
                        },
                    },
                    "required": ["left", "op"],
                    "additionalProperties": False,
                },
                "x-zipped": {"order": 2, "widget": "list"},
            },
        },
        "required": ["conditions"],
        "additionalProperties": False,
    },
    output={
        "type": "object",
        "properties": {
            "matched": {"type": "boolean"},
            "reason": {"type": "string", "description": "Why not; empty when they hold."},
        },
    },
    sample={"matched": True, "reason": ""},
    effect=Effect.PURE,
    run=run,
)
