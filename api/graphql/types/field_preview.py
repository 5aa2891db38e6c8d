"""What a field of a step would hold."""

from typing import Self

import strawberry

from api.graphql.scalars import JSON
from zipped.engine.template import Rendered, TemplateError


@strawberry.type(description="What a text with expressions would be.")
class FieldPreview:
    """One text of a template."""

    path: list[str] = strawberry.field(description="Where in the input it stands, outermost first.")
    value: JSON | None = strawberry.field(description="What it would be; null where it can't be rendered, too.")
    message: str | None = strawberry.field(description="Why it can't be rendered; null when it can.")

    @classmethod
    def of(cls, rendered: Rendered) -> Self:
        """As the schema shows it."""
        failed = isinstance(rendered.value, TemplateError)
        return cls(
            path=list(rendered.location),
            value=None if failed else JSON(rendered.value),
            message=f"{rendered.value.message}." if isinstance(rendered.value, TemplateError) else None,
        )
