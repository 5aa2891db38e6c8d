"""The trigger of a zip that only starts by hand."""

from zipped.catalog import TriggerKind

TRIGGER = TriggerKind(
    app="manual",
    key="manual",
    title="Start by hand",
    description="Runs when you say so. What you hand in is the body that steps see.",
    settings={"type": "object", "properties": {}, "additionalProperties": False},
    sample={"method": None, "headers": {}, "query": {}, "body": {"name": "Ada"}, "raw": '{"name":"Ada"}'},
)
