"""Checks an input against its action's schema: once as the author wrote it, once as it was rendered.

An author's input is a template: a text that holds an expression may turn into anything, so it is checked only for being
allowed where it stands; everything beside it is checked as the literal that it is. What was rendered is checked whole.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from zipped.catalog.declarations import Action, ConnectionKind, Schema, TriggerKind
from zipped.engine.near import nearest
from zipped.engine.outcome import Failed
from zipped.engine.problem import Problem
from zipped.engine.template import is_expression

PROBLEM_LIMIT = 50  # problems told about one input

_Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]


def validate_input(action: Action, template: object) -> list[Problem]:
    """Everything wrong with an input as the author wrote it; paths start at the input's own fields."""
    return _problems(_template_validator(action), template)


def validate_resolved(action: Action, input: object) -> Failed | None:
    """The outcome of a step whose rendered input does not fit its action; None when it fits."""
    problems = _problems(_validator(action), input)
    if not problems:
        return None
    return Failed(
        code="bad_input",
        message=" ".join(f"{'.'.join(problem.path) or 'input'}: {problem.message}" for problem in problems[:5]),
        retryable=False,
        detail={
            "problems": [
                {"path": list(problem.path), "code": problem.code, "message": problem.message, "fix": problem.fix}
                for problem in problems
            ]
        },
    )


def validate_fields(kind: ConnectionKind | TriggerKind, values: object) -> list[Problem]:
    """Everything wrong with a connection's fields or a trigger's settings."""
    return _problems(_validator(kind), values)


def validate_connection(action: Action, kind: str | None) -> Problem | None:
    """What is wrong with giving this action a connection of that kind (None: no connection)."""
    if kind is None:
        if not action.connection_required:
            return None
        return Problem(
            path=("connection",),
            code="required",
            message=f"{action.title} needs a connection.",
            fix=f"Choose a connection of the kind {_listed(action.connection_kinds)}.",
        )
    if kind in action.connection_kinds:
        return None
    if not action.connection_kinds:
        return Problem(
            path=("connection",),
            code="not_allowed",
            message=f"{action.title} uses no connection.",
            fix="Leave the connection out.",
        )
    return Problem(
        path=("connection",),
        code="wrong_kind",
        message=f"{action.title} can't use a connection of the kind {kind}.",
        fix=f"Choose a connection of the kind {_listed(action.connection_kinds)}.",
    )


@cache
def _validator(declaration: Action | ConnectionKind | TriggerKind) -> Validator:
    schema = _schema(declaration)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@cache
def _template_validator(action: Action) -> Validator:
    Draft202012Validator.check_schema(action.input)
    validator: Validator = _template_class()(action.input)
    return validator


def _schema(declaration: Action | ConnectionKind | TriggerKind) -> Schema:
    match declaration:
        case Action():
            return declaration.input
        case ConnectionKind():
            return declaration.fields
        case TriggerKind():
            return declaration.settings


@cache
def _template_class() -> Any:
    keywords: dict[str, _Keyword] = {
        name: partial(_literal_only, keyword) for name, keyword in Draft202012Validator.VALIDATORS.items()
    }
    keywords["x-zipped"] = _hints
    return extend(Draft202012Validator, validators=keywords)  # type: ignore[no-untyped-call]


def _literal_only(keyword: _Keyword, validator: Any, rule: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if not is_expression(value):
        yield from keyword(validator, rule, value, schema) or ()


def _hints(validator: Any, hints: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if not isinstance(hints, Mapping):
        return
    if is_expression(value):
        if hints.get("templates") is False:
            yield ValidationError("", validator="x-template")
    elif hints.get("secret") and isinstance(value, str) and value:
        yield ValidationError("", validator="x-secret")


def _problems(validator: Validator, value: Any) -> list[Problem]:
    try:
        errors = list(islice(validator.iter_errors(value), PROBLEM_LIMIT))
        return [problem for error in errors for problem in _told(error)][:PROBLEM_LIMIT]
    except RecursionError:
        return [Problem(path=(), code="too_deep", message="It is nested too deeply.", fix="Flatten it.")]


def _told(error: ValidationError) -> Iterator[Problem]:
    """One schema error in plain words. Never holds the value: it may be long, or secret."""
    path = tuple(str(part) for part in error.absolute_path)
    rule: Any = error.validator_value
    match error.validator:
        case "required":
            instance: Any = error.instance
            missing = [name for name in rule if name not in instance]
            for name in missing:
                if error.message.startswith(repr(name)):
                    yield Problem(
                        path=(*path, name),
                        code="required",
                        message=f"{_name(error, name)} is missing.",
                        fix="Fill it in.",
                    )
        case "additionalProperties" | "unevaluatedProperties" if isinstance(error.instance, Mapping):
            known = sorted(_schema_of(error).get("properties", {}))
            for name in islice((name for name in error.instance if name not in known), 10):
                near = nearest(str(name), known)
                choices = f"Use one of: {', '.join(known)}." if known else "Remove it."
                yield Problem(
                    path=(*path, str(name)[:100]),
                    code="unknown_field",
                    message=f"There is no field called {str(name)[:100]!r} here.",
                    fix=f"Did you mean {near!r}?" if near else choices,
                )
        case "anyOf" if all(one.keys() == {"required"} for one in rule):
            names = [name for one in rule for name in one["required"]]
            told = " nor ".join(f"“{_name(error, name)}”" for name in names)
            yield Problem(
                path=(*path, names[0]),
                code="required",
                message=f"Neither {told} is filled in.",
                fix="Fill in one of them.",
            )
        case "anyOf" | "oneOf":
            yield Problem(
                path=path,
                code="no_match",
                message=f"{_name(error)} fits none of the forms it may take.",
                fix=_help(error) or "Compare it with the action's description.",
            )
        case "x-template":
            yield Problem(
                path=path,
                code="expression_not_allowed",
                message=f"{_name(error)} can't hold an expression.",
                fix="Write the value itself.",
            )
        case "x-secret":
            yield Problem(
                path=path,
                code="secret_literal",
                message=f"{_name(error)} is secret and can't be written into a step.",
                fix="Put it into a connection and choose that connection in the step.",
            )
        case name:
            wanted = _WANTED.get(str(name), lambda _: "has a value that does not fit")(rule)
            cure = _CURES.get(str(name), lambda _: "Compare it with the action's description.")(rule)
            yield Problem(
                path=path,
                code=_CODES.get(str(name), "invalid"),
                message=f"{_name(error)} {wanted}.",
                fix=_help(error) or cure,
            )


_TYPES = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "empty",
}

_WANTED: dict[str, Callable[[Any], str]] = {
    "type": lambda rule: f"must be {_listed([_TYPES[one] for one in ([rule] if isinstance(rule, str) else rule)])}",
    "enum": lambda rule: f"must be one of: {', '.join(str(one) for one in rule)}",
    "const": lambda rule: f"must be {rule}",
    "minimum": lambda rule: f"must be at least {rule}",
    "exclusiveMinimum": lambda rule: f"must be more than {rule}",
    "maximum": lambda rule: f"must be at most {rule}",
    "minLength": lambda rule: "must not be empty" if rule == 1 else f"must have at least {rule} characters",
    "maxLength": lambda rule: f"must have at most {rule} characters",
    "minItems": lambda rule: "must not be empty" if rule == 1 else f"must have at least {rule} entries",
    "maxItems": lambda rule: f"must have at most {rule} entries",
    "minProperties": lambda rule: "must not be empty" if rule == 1 else f"must have at least {rule} fields",
    "maxProperties": lambda rule: f"must have at most {rule} fields",
    "pattern": lambda _: "has the wrong form",
}

#: What to do about it, where the field's own help does not say.
_CURES: dict[str, Callable[[Any], str]] = {
    "type": lambda rule: f"Enter {_listed([_TYPES[one] for one in ([rule] if isinstance(rule, str) else rule)])}.",
    "enum": lambda _: "Choose one of them.",
    "const": lambda rule: f"Enter {rule}.",
    "minimum": lambda rule: f"Enter {rule} or more.",
    "exclusiveMinimum": lambda rule: f"Enter more than {rule}.",
    "maximum": lambda rule: f"Enter {rule} or less.",
    "minLength": lambda rule: "Fill it in." if rule == 1 else "Write more.",
    "maxLength": lambda _: "Shorten it.",
    "minItems": lambda rule: f"Add at least {rule}.",
    "maxItems": lambda rule: f"Keep at most {rule}.",
    "minProperties": lambda rule: f"Add at least {rule}.",
    "maxProperties": lambda rule: f"Keep at most {rule}.",
    "pattern": lambda _: "Check how it is written.",
}

_CODES = {
    "type": "wrong_type",
    "enum": "not_a_choice",
    "minimum": "too_small",
    "exclusiveMinimum": "too_small",
    "maximum": "too_large",
    "minLength": "too_short",
    "minItems": "too_short",
    "minProperties": "too_short",
    "maxLength": "too_long",
    "maxItems": "too_long",
    "maxProperties": "too_long",
    "pattern": "wrong_form",
}


def _name(error: ValidationError, child: str | None = None) -> str:
    schema = _schema_of(error)
    if child is not None:
        schema = schema.get("properties", {}).get(child, {})
    title = schema.get("title")
    if title:
        return str(title)
    if child is not None:
        return child
    return str(error.absolute_path[-1]) if error.absolute_path else "The input"


def _help(error: ValidationError) -> str:
    return str(_schema_of(error).get("x-zipped", {}).get("help", ""))


def _schema_of(error: ValidationError) -> Mapping[str, Any]:
    return error.schema if isinstance(error.schema, Mapping) else {}


def _listed(names: Iterable[object]) -> str:
    parts = [str(name) for name in names]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"
