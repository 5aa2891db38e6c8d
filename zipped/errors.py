"""Everything that can go wrong by name, drawn as a tree; a docstring is the error's default message.

ZippedError
  · DomainError          whose fault: the caller's. Becomes an answer that names the field and the fix
      - ValidationFailed   carries every problem at once
      - InvalidId
      - NotFound
      - Conflict           carries the current revision
      - Forbidden
      - Unauthenticated
      - LimitExceeded      carries when to try again
  · Unavailable          nobody's fault: database, broker or disk is away; try again
  · MalformedMessage     a Kafka message that isn't ours
  · BrokerError          the broker did not answer in time or refused
  · SettingsError        the operator's: one line that names the variable
"""

from collections.abc import Sequence

from zipped.engine.problem import Problem

__all__ = [
    "BrokerError",
    "Conflict",
    "DomainError",
    "Forbidden",
    "InvalidId",
    "LimitExceeded",
    "MalformedMessage",
    "NotFound",
    "Problem",
    "SettingsError",
    "Unauthenticated",
    "Unavailable",
    "ValidationFailed",
    "ZippedError",
]


class ZippedError(Exception):
    """Something went wrong."""

    def __init__(self, message: str | None = None) -> None:
        self.message = message or (self.__doc__ or "").strip()
        super().__init__(self.message)


class DomainError(ZippedError):
    """The request can't be done.

    `path` names the input field at fault, outermost first; empty when no single field is.
    """

    def __init__(self, message: str | None = None, *, path: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.path = tuple(path)


class ValidationFailed(DomainError):
    """The input has problems."""

    def __init__(self, problems: Sequence[Problem], message: str | None = None) -> None:
        self.problems = tuple(problems)
        if message is None:
            first = self.problems[0].message
            more = len(self.problems) - 1
            message = first if not more else f"{first} ({more} more problem{'s' if more > 1 else ''})"
        super().__init__(message, path=self.problems[0].path if self.problems else ())

    @classmethod
    def of(cls, message: str, *, path: Sequence[str], code: str = "invalid", fix: str = "") -> "ValidationFailed":
        """One problem with one field."""
        return cls([Problem(path=tuple(path), code=code, message=message, fix=fix)])


class InvalidId(DomainError):
    """That is not an id."""


class NotFound(DomainError):
    """There is nothing here by that id, or it isn't yours to see."""


class Conflict(DomainError):
    """Somebody else changed this in the meantime."""

    def __init__(self, message: str | None = None, *, path: Sequence[str] = (), revision: int | None = None) -> None:
        super().__init__(message, path=path)
        self.revision = revision  # as it is stored now, where a stale one was named

    @classmethod
    def stale(cls, what: str, *, seen: int, stored: int) -> "Conflict":
        """The caller has seen another revision than the one that is stored; `what`: “The draft was saved”."""
        message = f"{what} since you loaded it: you have revision {seen}, it is at {stored}."
        return cls(message, path=("revision",), revision=stored)


class Forbidden(DomainError):
    """Your role does not allow this."""


class Unauthenticated(DomainError):
    """Sign in first."""


class LimitExceeded(DomainError):
    """Too many requests; try again later."""

    def __init__(self, message: str | None = None, *, retry_after: float = 1.0, path: Sequence[str] = ()) -> None:
        super().__init__(message, path=path)
        self.retry_after = retry_after  # seconds


class Unavailable(ZippedError):
    """The service can't take this right now; nothing was stored; try again."""

    def __init__(self, message: str | None = None, *, retry_after: float = 2.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after  # seconds


class MalformedMessage(ZippedError):
    """The message is not one of ours."""


class BrokerError(ZippedError):
    """The broker did not answer in time."""


class SettingsError(ZippedError):
    """A setting is wrong."""
