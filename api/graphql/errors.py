"""How an error reaches the caller.

A mutation's expected failures are members of its result union, all of them `UserError`s: a service raises a
DomainError and `ToUserError` turns it into the member. What fails elsewhere is an entry of `errors` with a `code`
in its extensions: with its own words when it is the caller's to mend, and with an id to look for in the log when
it is ours.
"""

import secrets
from enum import Enum
from typing import Any, TypeAlias

import strawberry
from graphql import GraphQLError, GraphQLFormattedError
from strawberry.exceptions import StrawberryInputCoercionError

from zipped import errors
from zipped.engine.problem import Problem
from zipped.faults import facts
from zipped.logs import get_logger

log = get_logger(__name__)


@strawberry.enum(description="What kind of mistake it was.")
class ErrorCode(Enum):
    """The closed set of codes; the same words stand in `extensions.code` of top-level errors."""

    VALIDATION = strawberry.enum_value("VALIDATION", description="A field holds what it can't; mend it and try again.")
    UNAUTHENTICATED = strawberry.enum_value("UNAUTHENTICATED", description="Nobody is signed in, or no longer.")
    FORBIDDEN = strawberry.enum_value("FORBIDDEN", description="The caller is known and may not do this.")
    NOT_FOUND = strawberry.enum_value("NOT_FOUND", description="Nothing has that id, or it isn't the caller's to see.")
    CONFLICT = strawberry.enum_value("CONFLICT", description="It has changed meanwhile, or exists already.")
    LIMIT_EXCEEDED = strawberry.enum_value("LIMIT_EXCEEDED", description="Too much at once; wait and try again.")


@strawberry.interface(description="An expected failure, in words for people and a code for programs.")
class UserError:
    """Selected by `... on UserError`, so that new members break no client."""

    message: str = strawberry.field(description="One sentence for people.")
    code: ErrorCode = strawberry.field(description="The kind of failure.")
    path: list[str] | None = strawberry.field(
        description="The field of the input at fault, outermost first; null when no single field is.", default=None
    )


@strawberry.type(description="One thing that is wrong with an input.")
class FieldIssue:
    """A `Problem` of the engine, as the schema shows it."""

    path: list[str] = strawberry.field(description="The field, outermost first; empty for the whole input.")
    code: str = strawberry.field(description="Stable and for programs: required, unknown_reference …")
    message: str = strawberry.field(description="What is wrong, in one sentence.")
    fix: str = strawberry.field(description="What to do about it; empty when the message says it.")

    @classmethod
    def of(cls, problem: Problem) -> "FieldIssue":
        """As the schema shows it."""
        return cls(path=list(problem.path), code=problem.code, message=problem.message, fix=problem.fix)


@strawberry.type(description="The input has problems; all of them are listed.")
class ValidationError(UserError):
    """`ValidationFailed` and `InvalidId`."""

    issues: list[FieldIssue] = strawberry.field(description="Every problem found.", default_factory=list)


@strawberry.type(description="Nobody is signed in, or what was shown is no longer good.")
class Unauthenticated(UserError):
    """`errors.Unauthenticated`."""


@strawberry.type(description="The caller's role, token or origin does not allow this.")
class Forbidden(UserError):
    """`errors.Forbidden`."""


@strawberry.type(description="There is nothing by that id, or it isn't the caller's to see.")
class NotFound(UserError):
    """`errors.NotFound`."""


@strawberry.type(description="Somebody else changed it meanwhile, or it exists already.")
class Conflict(UserError):
    """`errors.Conflict`."""

    current_revision: int | None = strawberry.field(
        description="The revision that is stored now, where a stale one was named.", default=None
    )


@strawberry.type(description="Too much at once.")
class LimitExceeded(UserError):
    """`errors.LimitExceeded`."""

    retry_after: float = strawberry.field(description="Seconds to wait before trying again.", default=1.0)


#: Every mutation's result is its Success or one of these.
UserErrors: TypeAlias = ValidationError | Unauthenticated | Forbidden | NotFound | Conflict | LimitExceeded


def user_error(error: errors.DomainError) -> UserErrors | None:
    """The union member for an error of a service; None for a kind that has none."""
    message, path = error.message, list(error.path) or None
    match error:
        case errors.ValidationFailed():
            issues = [FieldIssue.of(problem) for problem in error.problems]
            return ValidationError(message=message, code=ErrorCode.VALIDATION, path=path, issues=issues)
        case errors.InvalidId():
            issue = FieldIssue(path=path or [], code="invalid_id", message=message, fix="")
            return ValidationError(message=message, code=ErrorCode.VALIDATION, path=path, issues=[issue])
        case errors.Unauthenticated():
            return Unauthenticated(message=message, code=ErrorCode.UNAUTHENTICATED, path=path)
        case errors.Forbidden():
            return Forbidden(message=message, code=ErrorCode.FORBIDDEN, path=path)
        case errors.NotFound():
            return NotFound(message=message, code=ErrorCode.NOT_FOUND, path=path)
        case errors.Conflict():
            return Conflict(message=message, code=ErrorCode.CONFLICT, path=path, current_revision=error.revision)
        case errors.LimitExceeded():
            return LimitExceeded(
                message=message, code=ErrorCode.LIMIT_EXCEEDED, path=path, retry_after=error.retry_after
            )
    return None


class ToUserError(strawberry.ExceptionHandler[errors.DomainError, Any]):
    """Turns a service's DomainError into the member of the mutation's union.

    A field takes part when its union holds ValidationError; a test sees to it that such a union holds them all.
    """

    error_type = ValidationError

    def handle(self, exception: errors.DomainError, *, field: object, info: object) -> UserErrors | None:
        """The member; None lets the error through to `errors`."""
        return user_error(exception)


def present(error: GraphQLError) -> GraphQLFormattedError:
    """An entry of `errors`: in its own words, or masked with an id that the log has too."""
    formatted: dict[str, Any] = {"message": error.message}
    if error.locations:
        formatted["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        formatted["path"] = list(error.path)
    cause = root_cause(error)
    if cause is None:
        code = "BAD_REQUEST" if error.path is None else "BAD_INPUT"
        formatted["extensions"] = {"code": code, **(error.extensions or {})}
    elif isinstance(cause, errors.DomainError) and (member := user_error(cause)):
        formatted["message"] = cause.message
        formatted["extensions"] = _extensions(cause, member)
    elif isinstance(cause, errors.Unavailable):
        formatted["message"] = cause.message
        formatted["extensions"] = {"code": "UNAVAILABLE", "retryAfter": cause.retry_after}
    else:
        formatted["message"], formatted["extensions"] = mask(cause)
    return formatted  # type: ignore[return-value]  # the TypedDict of graphql-core, built by key


def mask(cause: BaseException) -> tuple[str, dict[str, str]]:
    """Message and extensions for a failure of ours; its details go to the log under the same id."""
    reference = secrets.token_hex(6)
    log.error("graphql.failed", reference=reference, **facts(cause))
    return (
        f"Something went wrong on our side. The log has it under {reference}.",
        {"code": "INTERNAL", "reference": reference},
    )


def root_cause(error: GraphQLError) -> Exception | None:
    """The exception behind an error; None when GraphQL itself refused the request or a value in it."""
    cause: Exception | None = error
    while isinstance(cause, GraphQLError) and not isinstance(cause, StrawberryInputCoercionError):
        cause = cause.original_error
    return None if isinstance(cause, StrawberryInputCoercionError) else cause


def _extensions(cause: errors.DomainError, member: UserErrors) -> dict[str, object]:
    extensions: dict[str, object] = {"code": member.code.value}
    if cause.path:
        extensions["path"] = list(cause.path)
    if isinstance(member, ValidationError):
        extensions["issues"] = [
            {"path": issue.path, "code": issue.code, "message": issue.message, "fix": issue.fix}
            for issue in member.issues
        ]
    if isinstance(member, LimitExceeded):
        extensions["retryAfter"] = member.retry_after
    return extensions
