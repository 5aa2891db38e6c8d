"""What an app can do, as frozen values: declarations without behaviour of their own, and the checks of an input.

An action is data and one function; the core never names one. `connectors.load()` finds the files and hands back a
`Catalog`; api, services and worker only ever look things up in it.
"""

from zipped.catalog.context import ActionContext, CallOptions, OpenConnection, Outside, Response
from zipped.catalog.declarations import (
    LARGE,
    Action,
    App,
    Catalog,
    ConnectionKind,
    ConnectionTest,
    Effect,
    EffectOf,
    Later,
    TriggerKind,
)
from zipped.catalog.validation import validate_connection, validate_fields, validate_input, validate_resolved
from zipped.engine.conditions import OPERATORS, Condition, judge
from zipped.engine.outcome import Delayed, Failed, Filtered, Outcome, Stopped, Succeeded, Unknown

__all__ = [
    "LARGE",
    "OPERATORS",
    "Action",
    "ActionContext",
    "App",
    "CallOptions",
    "Catalog",
    "Condition",
    "ConnectionKind",
    "ConnectionTest",
    "Delayed",
    "Effect",
    "EffectOf",
    "Failed",
    "Filtered",
    "Later",
    "OpenConnection",
    "Outcome",
    "Outside",
    "Response",
    "Stopped",
    "Succeeded",
    "TriggerKind",
    "Unknown",
    "judge",
    "validate_connection",
    "validate_fields",
    "validate_input",
    "validate_resolved",
]
