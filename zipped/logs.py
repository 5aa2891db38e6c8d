"""Structured logs: one line an event, named noun.verb, with its facts as keys. JSON, or plain on a terminal.

No line holds a traceback, whoever writes it: see zipped/faults.py.
"""

import logging
import sys
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any

import structlog

from zipped.faults import facts

Logger = structlog.stdlib.BoundLogger


def configure(process: str) -> None:
    """Set up logging for a process; called once in each `__main__`."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_traceback,
    ]
    renderer: Any = (
        structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer(default=str)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    # While the broker is away aiokafka logs ten lines a second and client; OutageLog says it once.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    structlog.contextvars.bind_contextvars(process=process)
    sys.excepthook = _crashed


def get_logger(name: str) -> Logger:
    """A logger; `name` is the module's."""
    logger: Logger = structlog.stdlib.get_logger(name)
    return logger


def _without_traceback(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Tells an exception by its facts. What a library says of one may quote it, too, in all lines but the first."""
    told = event.pop("exc_info", None)
    error = told if isinstance(told, BaseException) else told[1] if isinstance(told, tuple) else None
    if told is True:
        error = sys.exc_info()[1]
    if error is not None:
        event["event"] = str(event["event"]).partition("\n")[0]
        for name, value in facts(error).items():
            event.setdefault(name, value)
    return event


def _crashed(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """The process ends by a fault of ours."""
    if isinstance(error, Exception):
        get_logger(__name__).critical("process.crashed", exc_info=error)
    else:
        sys.__excepthook__(kind, error, traceback)


class OutageLog:
    """Says that something is away once, and once that it is back."""

    def __init__(self, logger: Logger, subject: str) -> None:
        self._logger = logger
        self._subject = subject
        self.away = False

    def lost(self, reason: object) -> None:
        """It does not answer; logged at the first call only."""
        if not self.away:
            self.away = True
            self._logger.warning(f"{self._subject}.away", reason=str(reason) or type(reason).__name__)

    def found(self) -> None:
        """It answers; logged if it was away."""
        if self.away:
            self.away = False
            self._logger.info(f"{self._subject}.back")
