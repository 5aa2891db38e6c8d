"""`apps`: what steps can do, what can start a zip, and which credentials there are."""

import strawberry

from api.graphql.context import Info
from api.graphql.types.app import App


@strawberry.field(description="The catalogue: every app with its actions, trigger kinds and connection kinds.")
async def apps(info: Info) -> list[App] | None:
    """The same for everybody who is signed in."""
    info.context.require_caller()
    return [App.of(app) for app in info.context.catalog]
