"""`validateDefinition`: whether something could be published, without saving it."""

from typing import Annotated

import strawberry

from api.graphql import definitions, lists
from api.graphql.context import Info
from api.graphql.errors import FieldIssue
from api.graphql.lists import WorkspaceId
from api.graphql.scalars import JSON
from zipped.services import validation


@strawberry.field(description="Everything that keeps a definition from being published, at once; nothing is saved.")
async def validate_definition(
    info: Info,
    workspace_id: WorkspaceId,
    definition: Annotated[JSON, strawberry.argument(description='The definition: {"steps": […]}.')],
) -> list[FieldIssue] | None:
    """Against the catalogue and the workspace's connections."""
    workspace = lists.workspace(workspace_id)
    async with info.context.begin(workspace) as session:
        kinds = await validation.connection_kinds(session, workspace, validation.connection_ids(definition))
    problems = await definitions.given_problems(info, definition, kinds)
    return [FieldIssue.of(problem) for problem in problems]
