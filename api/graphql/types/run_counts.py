"""How many runs began when."""

from datetime import datetime
from typing import Self

import strawberry

from zipped.services import run_counts


@strawberry.type(description="The runs that began within one part of the time, by where they stand now.")
class RunCount:
    """One bar of the chart above the list."""

    start: datetime = strawberry.field(description="When the part begins; it ends where the next one begins.")
    succeeded: int = strawberry.field(description="Runs that ended well.")
    failed: int = strawberry.field(description="Runs that failed or are dead.")
    waiting: int = strawberry.field(description="Runs that wait.")
    active: int = strawberry.field(description="Runs that are queued or running.")
    cancelled: int = strawberry.field(description="Runs that somebody cancelled.")


@strawberry.type(description="The runs of some hours, counted part by part.")
class RunCounts:
    """Bounded however many there are."""

    seconds: int = strawberry.field(description="How long each part is.")
    counts: list[RunCount] = strawberry.field(
        description="The parts in order, also those without a run; the last one holds this moment."
    )
    is_capped: bool = strawberry.field(
        description=f"Whether a part had more than the {run_counts.MAX_COUNTED} that are counted at most."
    )

    @classmethod
    def of(cls, found: run_counts.RunCounts) -> Self:
        """As the schema shows it."""
        return cls(
            seconds=found.seconds,
            counts=[
                RunCount(
                    start=count.start,
                    succeeded=count.succeeded,
                    failed=count.failed,
                    waiting=count.waiting,
                    active=count.active,
                    cancelled=count.cancelled,
                )
                for count in found.counts
            ],
            is_capped=found.capped,
        )
