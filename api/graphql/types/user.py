"""People."""

from datetime import datetime

import strawberry

from zipped import ids
from zipped.services.accounts import Person


@strawberry.type(description="A person.")
class User:
    """Somebody who can sign in."""

    id: strawberry.ID = strawberry.field(description="The person's id, usr_….")
    name: str = strawberry.field(description="What they are called.")
    email: str = strawberry.field(description="Their e-mail address.")
    created_at: datetime = strawberry.field(description="When they signed up.")

    @classmethod
    def of(cls, person: Person) -> "User":
        """As the schema shows it."""
        return cls(
            id=strawberry.ID(ids.encode("usr", person.id)),
            name=person.name,
            email=person.email,
            created_at=person.created_at,
        )
