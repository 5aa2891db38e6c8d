"""Sessions: signed-in devices, and the tokens of one that was just opened or refreshed."""

from datetime import datetime
from enum import Enum

import strawberry

from api.graphql.signing import Issued
from zipped import ids
from zipped.services.sessions import SessionRow


@strawberry.enum(description="How a session's tokens reach the one who signs in.")
class Delivery(Enum):
    """For programs, or for our own pages."""

    BODY = strawberry.enum_value("body", description="In the answer, for programs that send them as a bearer.")
    COOKIES = strawberry.enum_value(
        "cookies", description="As HttpOnly cookies that no script can read; only for requests from Zipped's own pages."
    )


@strawberry.type(description="A session with fresh tokens.")
class IssuedSession:
    """What signUp, signIn and refreshSession give."""

    id: strawberry.ID = strawberry.field(description="The session's id, ses_….")
    access_expires_at: datetime = strawberry.field(description="When the access token runs out: refresh before that.")
    access_token: str | None = strawberry.field(
        description="Goes into `Authorization: Bearer …`; null when it was set as a cookie."
    )
    refresh_token: str | None = strawberry.field(
        description="Good once, for refreshSession; null when it was set as a cookie."
    )

    @classmethod
    def of(cls, issued: Issued) -> "IssuedSession":
        """As the schema shows it."""
        return cls(
            id=strawberry.ID(ids.encode("ses", issued.opened.session_id)),
            access_expires_at=issued.access_expires_at,
            access_token=None if issued.in_cookies else issued.access_token,
            refresh_token=None if issued.in_cookies else issued.opened.refresh_token,
        )


@strawberry.type(description="A device on which somebody is signed in.")
class Session:
    """A row of `session` that is not over."""

    id: strawberry.ID = strawberry.field(description="The session's id, ses_….")
    is_current: bool = strawberry.field(description="Whether it is the one that is asking.")
    created_at: datetime = strawberry.field(description="When it was opened.")
    last_seen_at: datetime = strawberry.field(description="When its tokens were last refreshed.")
    expires_at: datetime = strawberry.field(description="When it is over unless it is refreshed.")
    user_agent: str = strawberry.field(description="What the browser or program calls itself.")
    ip: str = strawberry.field(description="The address it was last refreshed from.")

    @classmethod
    def of(cls, row: SessionRow, *, is_current: bool) -> "Session":
        """As the schema shows it."""
        return cls(
            id=strawberry.ID(ids.encode("ses", row.id)),
            is_current=is_current,
            created_at=row.created_at,
            last_seen_at=row.last_seen_at,
            expires_at=row.expires_at,
            user_agent=row.user_agent,
            ip=row.ip,
        )
