"""The tables, one noun a file. Nothing here but columns, constraints and indexes."""

from zipped.models.account import ApiToken, Session, User
from zipped.models.base import Base
from zipped.models.connection import Connection
from zipped.models.event import Dedupe, Event, EventBody, EventTally
from zipped.models.operation import Audit, IdempotencyKey, Job, Poison, Worker
from zipped.models.outbox import ZipOutbox
from zipped.models.run import RunResponse, StepAttempt, Wait, ZipRun
from zipped.models.step_test import StepTest
from zipped.models.trigger import Trigger
from zipped.models.workspace import Invitation, Membership, Workspace
from zipped.models.zip import Zip, ZipVersion

__all__ = [
    "ApiToken",
    "Audit",
    "Base",
    "Connection",
    "Dedupe",
    "Event",
    "EventBody",
    "EventTally",
    "IdempotencyKey",
    "Invitation",
    "Job",
    "Membership",
    "Poison",
    "RunResponse",
    "Session",
    "StepAttempt",
    "StepTest",
    "Trigger",
    "User",
    "Wait",
    "Worker",
    "Workspace",
    "Zip",
    "ZipOutbox",
    "ZipRun",
    "ZipVersion",
]
