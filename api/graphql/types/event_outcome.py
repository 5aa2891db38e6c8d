"""What the door decided about an event."""

from enum import Enum

import strawberry


@strawberry.enum(description="What became of an event; decided once, when it arrived.")
class EventOutcome(Enum):
    """As in `event.outcome`."""

    ACCEPTED = strawberry.enum_value("accepted", description="It started a run.")
    DUPLICATE = strawberry.enum_value("duplicate", description="An event with the same key and body came before.")
    CONFLICT = strawberry.enum_value("conflict", description="An event with the same key and another body came before.")
    DRAFT = strawberry.enum_value("draft", description="The zip had never been published.")
    ZIP_OFF = strawberry.enum_value("zip_off", description="The zip was paused.")
    THROTTLED = strawberry.enum_value("throttled", description="It was one too many.")
    BAD_SIGNATURE = strawberry.enum_value("bad_signature", description="Its signature was missing, wrong or too old.")
    MALFORMED = strawberry.enum_value("malformed", description="It said it was JSON and was not.")
    TOO_LARGE = strawberry.enum_value("too_large", description="Its body was larger than the webhook takes.")
    HANDSHAKE = strawberry.enum_value("handshake", description="It only asked whether somebody is there.")
    MISSED = strawberry.enum_value("missed", description="A schedule's time that passed while nobody was there.")
