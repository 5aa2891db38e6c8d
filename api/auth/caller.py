"""Who is calling, and what that allows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

#: What is asked for, each including the one before.
Level = Literal["read", "write", "admin"]

LEVELS: Mapping[str, int] = {"read": 1, "write": 2, "admin": 3}
#: What a role in a workspace allows.
ROLE_LEVELS: Mapping[str, Level] = {"viewer": "read", "editor": "write", "owner": "admin"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A signed-in person, on a device or through one of their programs. Never both ids, never none."""

    user_id: UUID
    session_id: UUID | None = None
    api_token_id: UUID | None = None
    #: An API token's; a person's own session has "admin".
    scope: Level = "admin"
    #: Role by workspace; for an API token only its own workspace.
    memberships: Mapping[UUID, str] = field(default_factory=dict)
    #: When what was shown runs out; None for an API token that doesn't.
    expires_at: datetime | None = None
    #: Shown by cookie: changes then need the page's own origin.
    by_cookie: bool = False

    def level(self, workspace_id: UUID) -> Level | None:
        """What the caller may do there: the less of role and scope; None for who isn't a member."""
        role = self.memberships.get(workspace_id)
        if role is None:
            return None
        return min(ROLE_LEVELS[role], self.scope, key=LEVELS.__getitem__)

    def may(self, need: Level, workspace_id: UUID) -> bool:
        """Whether the caller's level there is at least `need`."""
        level = self.level(workspace_id)
        return level is not None and LEVELS[level] >= LEVELS[need]
