"""API tokens: how programs come in."""

from datetime import datetime
from enum import Enum
from typing import cast

import strawberry

from zipped import ids
from zipped.services.api_tokens import Scope, TokenRow


@strawberry.enum(description="What an API token may do in its workspace, never more than its person's role allows.")
class ApiTokenScope(Enum):
    """As in `api_token.scope`."""

    READ = strawberry.enum_value("read", description="Read.")
    WRITE = strawberry.enum_value("write", description="Read, change and run.")
    ADMIN = strawberry.enum_value("admin", description="Everything in the workspace, its members and tokens included.")

    @property
    def stored(self) -> Scope:
        """As in the table."""
        return cast(Scope, self.value)


@strawberry.type(description="A program's way in to one workspace. The token itself is shown once, when it is made.")
class ApiToken:
    """A row of `api_token`."""

    id: strawberry.ID = strawberry.field(description="The token's id, tok_….")
    user_id: strawberry.ID = strawberry.field(description="The person whose token it is.")
    name: str = strawberry.field(description="What it is for.")
    hint: str = strawberry.field(description="Its last four characters, to tell it apart.")
    scope: ApiTokenScope = strawberry.field(description="What it may do.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(description="When it runs out; null when it doesn't.")
    last_used_at: datetime | None = strawberry.field(description="When it was last used, to the minute.")

    @classmethod
    def of(cls, row: TokenRow) -> "ApiToken":
        """As the schema shows it."""
        return cls(
            id=strawberry.ID(ids.encode("tok", row.id)),
            user_id=strawberry.ID(ids.encode("usr", row.user_id)),
            name=row.name,
            hint=row.hint,
            scope=ApiTokenScope(row.scope),
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
        )
