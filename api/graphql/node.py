"""`node(id)`: anything by its id, whose prefix says which kind it is."""

from typing import ClassVar, Self
from uuid import UUID

import strawberry

from api.graphql.context import Info


@strawberry.interface(description="Anything that has an id.")
class Node:
    """A type that `node(id)` finds: it names the prefix of its ids and how one is loaded for a caller."""

    #: As in `zipped.ids.PREFIXES`.
    id_prefix: ClassVar[str]

    id: strawberry.ID = strawberry.field(description="The id: a prefix and a UUID, one form everywhere.")

    @classmethod
    async def load(cls, info: Info, id: UUID) -> Self | None:
        """What the caller may see by this id; None when there is nothing."""
        raise NotImplementedError


def kinds() -> dict[str, type[Node]]:
    """The loadable types by their prefix, of all type modules imported so far."""
    return {kind.id_prefix: kind for kind in Node.__subclasses__()}
