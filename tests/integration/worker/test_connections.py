"""Connections of the runs a worker loads: opened, or with the reason why they can't be."""

from uuid import UUID

import orjson

import connectors
from tests.integration.run_writes.owning import claim
from tests.integration.stored import StoredZip, execute, make_runs, make_worker, make_zip, one, step
from worker.loading import Loader
from zipped import ids
from zipped.catalog import OpenConnection
from zipped.crypto import SecretBox
from zipped.db import Database
from zipped.engine.outcome import Failed
from zipped.lines import Lines
from zipped.services.rows import seal_name
from zipped.settings import Settings

NOWHERE = "con_01a20469-fefd-78ab-b71d-4e71eeff90eb"


async def make_connection(database: Database, stored_zip: StoredZip, box: SecretBox, *, kind: str = "bearer") -> str:
    """A connection whose token is “s3cret”, sealed by `box`; its id."""
    connection_id: UUID = (await one(database, "select uuidv7()"))[0]
    await execute(
        database,
        "insert into connection (id, workspace_id, name, kind, public, sealed, key_id, hosts) "
        "values (:id, :workspace_id, 'Tested', :kind, '{}', :sealed, 'key', '{api.example.com}')",
        id=connection_id,
        workspace_id=stored_zip.workspace_id,
        kind=kind,
        sealed=box.seal(b'{"token":"s3cret"}', aad=seal_name(stored_zip.workspace_id, connection_id)),
    )
    return ids.encode("con", connection_id)


async def test_a_connection_is_opened_or_said_to_be_unusable_and_another_workspaces_is_not_there(
    settings: Settings, database: Database
) -> None:
    # given
    ours, theirs = SecretBox(settings.secret_key), SecretBox(b"x" * 32)
    stored_zip, foreign = await make_zip(database), await make_zip(database)
    good = await make_connection(database, stored_zip, ours)
    sealed = await make_connection(database, stored_zip, theirs)
    unknown = await make_connection(database, stored_zip, ours, kind="carrier-pigeon")
    elsewhere = await make_connection(database, foreign, ours)
    named = (good, sealed, unknown, elsewhere, NOWHERE)
    steps = [step(f"s{n}", "http.request", connection=connection) for n, connection in enumerate(named)]
    await execute(
        database,
        "update zip_version set definition = cast(:definition as json) where id = :id",
        definition=orjson.dumps({"steps": steps}).decode(),
        id=stored_zip.version_id,
    )
    claimed = await claim(database, await make_runs(database, stored_zip), await make_worker(database))

    # when
    lines = Lines(database, size=1)
    (loaded,) = await Loader(lines, catalog=connectors.load(), secret_box=ours).load(claimed)
    await lines.close()

    # then
    assert loaded.connections.keys() == {good, sealed, unknown}
    usable = loaded.connections[good]
    assert isinstance(usable, OpenConnection)
    assert (usable.fields, usable.hosts) == ({"token": "s3cret"}, ("api.example.com",))
    told = {connection: one.code for connection, one in loaded.connections.items() if isinstance(one, Failed)}
    assert told == {sealed: "connection_sealed", unknown: "connection_unknown"}
