"""How a zip's runs went lately."""

from datetime import datetime
from typing import Self

import strawberry

from zipped.services import run_stats


@strawberry.type(description="The runs that began within one hour, by what has become of them so far.")
class HourStats:
    """One bar of a small chart."""

    start: datetime = strawberry.field(description="When the hour began.")
    succeeded: int = strawberry.field(description="Runs that ended well.")
    failed: int = strawberry.field(description="Runs that failed or are dead.")
    active: int = strawberry.field(description="Runs that are queued, running or waiting.")
    cancelled: int = strawberry.field(description="Runs that somebody cancelled.")


@strawberry.type(description="The runs of the last 24 hours in numbers.")
class ZipStats:
    """Bounded whatever the zip does."""

    runs: int = strawberry.field(description="How many began; counting stops at 1,000.")
    failed: int = strawberry.field(description="How many of them failed or are dead.")
    active: int = strawberry.field(description="How many of them have not ended.")
    is_capped: bool = strawberry.field(description="Whether there were more than the 1,000 that were counted.")
    hours: list[HourStats] = strawberry.field(description="The same by hour; hours without a run are left out.")

    @classmethod
    def of(cls, found: run_stats.ZipStats | None) -> Self:
        """As the schema shows it."""
        stats = found or run_stats.ZipStats()
        return cls(
            runs=stats.runs,
            failed=stats.failed,
            active=stats.active,
            is_capped=stats.capped,
            hours=[
                HourStats(
                    start=hour.start,
                    succeeded=hour.succeeded,
                    failed=hour.failed,
                    active=hour.active,
                    cancelled=hour.cancelled,
                )
                for hour in stats.hours
            ],
        )
