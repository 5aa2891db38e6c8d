"""Trying a connection: read it, let go of the database, call the other side, note what that showed."""

import strawberry

from api.graphql.context import Context
from api.graphql.writing import owner
from zipped.http import Client, Guard
from zipped.models import Connection
from zipped.services import connection_trials, connections


async def try_out(context: Context, id: strawberry.ID) -> Connection:
    """The connection with what the test showed.

    Raises NotFound, Forbidden, and Conflict for a kind that can't be tried. No transaction is open while the other
    side is being waited for; if the connection was changed meanwhile, nothing is noted.
    """
    workspace_id, connection_id = await owner(context, id, "con", field="connectionId")
    context.require(workspace_id, "write")
    async with context.begin(workspace_id) as session:
        row = await connections.get(session, workspace_id, connection_id)
    trial = connection_trials.prepare(row, box=context.secret_box, catalog=context.catalog)
    async with Client(Guard(allow=context.settings.outbound_allow), connections=1) as outside:
        shown = await trial(outside)
    async with context.begin(workspace_id, write=True) as session:
        return await connection_trials.record(
            session, workspace_id, connection_id, actor=context.actor, revision=row.revision, shown=shown
        )
