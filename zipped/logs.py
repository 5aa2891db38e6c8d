"""Structured logs: one line an event, named noun.verb, with its facts as keys. JSON, or plain on a terminal."""

import logging
import sys
from typing import Any

import structlog

Logger = structlog.stdlib.BoundLogger


def configure(process: str) -> None:
    """Set up logging for a process; called once in each `__main__`."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
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


def get_logger(name: str) -> Logger:
    """A logger; `name` is the module's."""
    logger: Logger = structlog.stdlib.get_logger(name)
    return logger


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
