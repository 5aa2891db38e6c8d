"""How many events had which outcome."""

from typing import Self

import strawberry

from api.graphql.types.event_outcome import EventOutcome
from zipped.services import event_counts


@strawberry.type(description="The events of one outcome.")
class EventCount:
    """One choice above the ledger."""

    outcome: EventOutcome = strawberry.field(description="What was decided.")
    events: int = strawberry.field(description="How many of them there are.")


@strawberry.type(description="The events of a workspace by outcome.")
class EventCounts:
    """Bounded however many there are."""

    counts: list[EventCount] = strawberry.field(description="Outcomes that had none are left out.")
    is_capped: bool = strawberry.field(
        description=f"Whether there were more than the {event_counts.MAX_COUNTED} that are counted at most: of each "
        "outcome, or of the zip that is named."
    )

    @classmethod
    def of(cls, found: event_counts.EventCounts) -> Self:
        """As the schema shows it."""
        return cls(
            counts=[EventCount(outcome=EventOutcome(one.outcome), events=one.events) for one in found.counts],
            is_capped=found.capped,
        )
