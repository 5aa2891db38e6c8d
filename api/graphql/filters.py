"""What the lists of a workspace can be narrowed by: few typed fields, all of which must hold."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum

import strawberry

from api.graphql.types.event_outcome import EventOutcome
from api.graphql.types.run import RunEnding, RunStatus
from api.graphql.types.zip import ZipState
from zipped import ids
from zipped.errors import ValidationFailed
from zipped.services import connections, events, runs, triggers, zips

MAX_CHOICES = 20  # values of one filter


@strawberry.input(description="Which zips; what is left out lets all pass.")
class ZipFilter:
    """For `zips`."""

    states: list[ZipState] | None = strawberry.field(description="In one of these states.", default=None)
    folder: str | None = strawberry.field(
        description="In this folder; the empty text means those in none.", default=None
    )
    search: str | None = strawberry.field(description="With this text in their name, in any case.", default=None)

    def asked(self) -> zips.ZipFilter:
        """As the service takes it."""
        return zips.ZipFilter(states=_words("states", self.states), folder=self.folder, search=self.search)


@strawberry.input(description="Which triggers; what is left out lets all pass.")
class TriggerFilter:
    """For `triggers`."""

    kinds: list[str] | None = strawberry.field(description="Of one of these kinds.", default=None)

    def asked(self) -> triggers.TriggerFilter:
        """As the service takes it."""
        return triggers.TriggerFilter(kinds=_words("kinds", self.kinds))


@strawberry.input(description="Which runs; what is left out lets all pass.")
class RunFilter:
    """For `runs`."""

    zip_id: strawberry.ID | None = strawberry.field(description="Of this zip.", default=None)
    statuses: list[RunStatus] | None = strawberry.field(description="Standing at one of these.", default=None)
    ended_by: list[RunEnding] | None = strawberry.field(description="Ended by one of these.", default=None)
    created_from: datetime | None = strawberry.field(description="Accepted at this moment or later.", default=None)
    created_before: datetime | None = strawberry.field(description="Accepted before this moment.", default=None)

    def asked(self) -> runs.RunFilter:
        """As the service takes it."""
        return runs.RunFilter(
            zip_id=ids.decode(self.zip_id, "zip", path=("filter", "zipId")) if self.zip_id else None,
            statuses=_words("statuses", self.statuses),
            ended_by=_words("endedBy", self.ended_by),
            created_from=self.created_from,
            created_before=self.created_before,
        )


@strawberry.input(description="Which events; what is left out lets all pass.")
class EventFilter:
    """For `events`."""

    zip_id: strawberry.ID | None = strawberry.field(description="For this zip.", default=None)
    outcomes: list[EventOutcome] | None = strawberry.field(description="With one of these outcomes.", default=None)
    received_from: datetime | None = strawberry.field(description="Arrived at this moment or later.", default=None)
    received_before: datetime | None = strawberry.field(description="Arrived before this moment.", default=None)

    def asked(self) -> events.EventFilter:
        """As the service takes it."""
        return events.EventFilter(
            zip_id=ids.decode(self.zip_id, "zip", path=("filter", "zipId")) if self.zip_id else None,
            outcomes=_words("outcomes", self.outcomes),
            received_from=self.received_from,
            received_before=self.received_before,
        )


@strawberry.input(description="Which connections; what is left out lets all pass.")
class ConnectionFilter:
    """For `connections`."""

    kinds: list[str] | None = strawberry.field(description="Of one of these kinds.", default=None)
    search: str | None = strawberry.field(description="With this text in their name, in any case.", default=None)

    def asked(self) -> connections.ConnectionFilter:
        """As the service takes it."""
        return connections.ConnectionFilter(kinds=_words("kinds", self.kinds), search=self.search)


def _words(name: str, chosen: Sequence[Enum | str] | None) -> tuple[str, ...]:
    if chosen and len(chosen) > MAX_CHOICES:
        raise ValidationFailed.of(
            f"{len(chosen)} are named; a filter takes at most {MAX_CHOICES}.",
            path=("filter", name),
            code="too_long",
            fix="Name fewer, or ask several times.",
        )
    return tuple(dict.fromkeys(one if isinstance(one, str) else str(one.value) for one in chosen or ()))
