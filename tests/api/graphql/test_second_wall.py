"""The second wall: when a query forgets its workspace, the database still shows nothing of another's."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from api.graphql.schema import Schema
from tests.api.graphql import worlds
from tests.api.graphql.acts import rows
from tests.api.graphql.test_tenancy import mutate, query
from tests.api.graphql.worlds import World, make_world, rows_of
from tests.fixtures.graphql import Api
from zipped import ids
from zipped.db import Database, sqlstate
from zipped.models import Base

TABLES = {str(table.name): table for table in Base.metadata.sorted_tables}
OF_WORKSPACES = sorted(name for name, table in TABLES.items() if "workspace_id" in table.columns)
#: What the api's role may not read at all: what is nobody's workspace's.
CLOSED = {"session", "worker", "poison", "zip_outbox"}


@pytest.fixture
async def ada(api: Api) -> World:
    return await make_world(api)


@pytest.fixture
async def eve(api: Api) -> World:
    return await make_world(api)


def uuid(id: str) -> Any:
    return ids.decode_any(id)[1]


async def test_a_transaction_shows_its_own_workspaces_alone(
    database: Database, ada: World, eve: World, subtests: pytest.Subtests
) -> None:
    for table in OF_WORKSPACES:
        with subtests.test(table):
            count = f'select count(*) from "{table}" where workspace_id = :w'
            there = await rows(database, count, w=uuid(ada.workspace))
            async with database.begin_as([uuid(eve.workspace)]) as session:
                seen = await session.execute(text(f'select distinct workspace_id from "{table}"'))
                assert set(seen.scalars()) <= {uuid(eve.workspace)}
            async with database.begin_as([uuid(ada.workspace), uuid(eve.workspace)]) as session:
                assert (await session.execute(text(count), {"w": uuid(ada.workspace)})).scalar_one() == there[0][0]
            async with database.begin_as([]) as session:
                assert (await session.execute(text(f'select count(*) from "{table}"'))).scalar_one() == 0


async def test_people_and_workspaces_are_seen_by_those_who_share_one(
    database: Database, ada: World, eve: World
) -> None:
    async with database.begin_as([uuid(eve.workspace)]) as session:
        assert list((await session.execute(text("select id from workspace"))).scalars()) == [uuid(eve.workspace)]
        assert list((await session.execute(text('select id from "user"'))).scalars()) == [uuid(eve.person.user_id)]
    for forbidden in ('select password_hash from "user"', *(f"select 1 from {table}" for table in sorted(CLOSED))):
        with pytest.raises(DBAPIError) as caught:
            async with database.begin_as([uuid(eve.workspace)]) as session:
                await session.execute(text(forbidden))
        assert sqlstate(caught.value) == "42501"


async def test_every_table_is_behind_the_wall_or_closed(database: Database) -> None:
    readable = await rows(
        database,
        "select c.relname from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace "
        "and has_any_column_privilege('zipped_api', c.oid, 'select') and not c.relrowsecurity",
    )

    assert readable == []
    assert CLOSED | set(OF_WORKSPACES) | {"workspace", "user"} == set(TABLES)


async def test_nothing_of_another_is_written(
    database: Database, ada: World, eve: World, subtests: pytest.Subtests
) -> None:
    before = await rows_of(database, ada)

    for table in OF_WORKSPACES:
        for statement in (
            f'update "{table}" set workspace_id = :eve where workspace_id = :ada',
            f'update "{table}" set workspace_id = :ada where workspace_id = :eve',
            f'delete from "{table}" where workspace_id = :ada',
            f'insert into "{table}" select * from "{table}" where workspace_id = :ada',
        ):
            with subtests.test(statement):
                try:
                    async with database.begin_as([uuid(eve.workspace)]) as session:
                        values = {"ada": uuid(ada.workspace), "eve": uuid(eve.workspace)}
                        told = {name: value for name, value in values.items() if f":{name}" in statement}
                        result: Any = await session.execute(text(statement), told)
                        assert result.rowcount == 0
                except DBAPIError as error:
                    assert sqlstate(error) == "42501"  # noqa: PT017  # either outcome is a refusal
    assert await rows_of(database, ada) == before


#: How a query names the workspaces it is about, in the SQL that reaches the driver.
CONDITION = re.compile(
    r"(?:\w+\.)?\bworkspace_id\s*(?:=\s*(?P<one>\$\d+(?:::\w+)?)(?!\[)"
    r"|=\s*any\s*\((?P<any>[^()]*(?:\([^()]*\))?[^()]*)\)"
    r"|in\s*\((?P<few>[^()]*)\))",
    re.IGNORECASE,
)


@contextmanager
def first_wall_removed(database: Database) -> Iterator[list[str]]:
    """Every condition on a workspace that a query states becomes true; tells which statements that was."""
    rewritten: list[str] = []

    def forget(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> Any:
        def always(found: re.Match[str]) -> str:
            # What was passed stays in use, or the driver would not know its type.
            if found["one"]:
                return f"({found['one']}::uuid is null or true)"
            if found["any"]:
                return f"(({found['any']})::uuid[] is null or true)"
            return f"(coalesce({found['few']}) is null or true)"

        forgotten = CONDITION.sub(always, statement) if statement.lstrip()[:6].lower() != "insert" else statement
        if forgotten != statement:
            rewritten.append(forgotten)
        return forgotten, parameters

    event.listen(database.engine.sync_engine, "before_cursor_execute", forget, retval=True)
    try:
        yield rewritten
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", forget)


async def test_queries_that_forget_their_workspace_show_nothing_foreign(
    api: Api, schema: Schema, database: Database, ada: World, eve: World, subtests: pytest.Subtests
) -> None:
    with first_wall_removed(database) as rewritten:
        for name, tries in worlds.queries(of=ada, by=eve).items():
            for given in tries:
                with subtests.test(f"{name} {given}"):
                    body = await query(eve.person, schema, name, given)

                    assert not [id for id in ada.ids if id in str(body.get("data"))]
        lists = await eve.person(
            "query Q($w: ID!) { zips(workspaceId: $w) { nodes { id stepTests { id } } } "
            "runs(workspaceId: $w) { nodes { id } } "
            "triggers(workspaceId: $w) { nodes { id } } events(workspaceId: $w) { nodes { id } } "
            "connections(workspaceId: $w) { nodes { id } } workspace(id: $w) { apiTokens { nodes { id } } } }",
            w=eve.workspace,
        )

    shown = str(lists.data)
    assert [id for id in eve.ids if id in shown]
    assert not [id for id in ada.ids if id in shown]
    assert len(rewritten) >= 10


async def test_mutations_that_forget_their_workspace_change_nothing_foreign(
    api: Api, schema: Schema, database: Database, ada: World, eve: World, subtests: pytest.Subtests
) -> None:
    before = await rows_of(database, ada)
    with first_wall_removed(database) as rewritten:
        for name, tries in worlds.mutations(of=ada, by=eve).items():
            for given in tries:
                with subtests.test(f"{name} {given}"):
                    assert (await mutate(eve.person, schema, name, given))["__typename"] == "NotFound"

    assert await rows_of(database, ada) == before
    assert len(rewritten) >= 10


async def test_with_both_walls_removed_foreign_things_do_show(
    api: Api, schema: Schema, database: Database, ada: World, eve: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the two tests above would prove nothing."""
    monkeypatch.setattr(Database, "begin_as", lambda self, workspaces, read_only=False: self.begin())

    with first_wall_removed(database):
        body = await query(eve.person, schema, "zip", {"id": ada.zip})

    assert body == {"data": {"zip": {"id": ada.zip}}}
