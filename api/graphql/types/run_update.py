"""What a watcher of runs is told."""

from enum import Enum
from typing import Annotated, Final, Self, TypeAlias

import strawberry

from api.graphql.types.run import Run
from api.watch.subscriber import Changed, Restarted


@strawberry.enum(description="Why a watcher begins anew.")
class ResyncReason(Enum):
    """As in `api.watch.subscriber.Reason`."""

    STARTED = strawberry.enum_value(
        "started", description="`after` was left out: the subscription is set up, and this is where it begins."
    )
    TOO_OLD = strawberry.enum_value("too_old", description="`after` is older than 7 days.")
    OTHER_DATABASE = strawberry.enum_value(
        "other_database", description="`after` belongs to another database, or to one that was set back."
    )


CURSOR: Final = (
    "Everything after this event comes after this cursor, once; keep the last one, and send it as `after` when you "
    "come back. No two events of a stream share one."
)


@strawberry.type(description="A run has changed. States in between may be left out; the last one never is.")
class RunUpdate:
    """`Changed`."""

    cursor: str = strawberry.field(description=CURSOR)
    run: Run = strawberry.field(description="The run as it is now.")

    @classmethod
    def of(cls, update: Changed) -> Self:
        """As the schema shows it."""
        return cls(cursor=update.cursor.encode(), run=Run.of(update.run))


@strawberry.type(
    description="What changed before the cursor is not told here: read anew what you show. From there on nothing is "
    "left out."
)
class Resync:
    """`Restarted`."""

    cursor: str = strawberry.field(description=CURSOR)
    reason: ResyncReason = strawberry.field(description="Why.")

    @classmethod
    def of(cls, restart: Restarted) -> Self:
        """As the schema shows it."""
        return cls(cursor=restart.cursor.encode(), reason=ResyncReason(restart.reason))


RunUpdateEvent: TypeAlias = Annotated[
    RunUpdate | Resync, strawberry.union("RunUpdateEvent", description="What `runUpdates` yields.")
]
