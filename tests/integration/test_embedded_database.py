"""The fixtures themselves: a fresh database per test, and the roles that the second wall stands on."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from zipped.embedded.postgres import EmbeddedPostgres


async def test_the_product_logs_in_without_superuser_and_may_become_the_api_role(database_url: str) -> None:
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        me = (await connection.execute(text("select current_user, current_setting('is_superuser')"))).one()
        await connection.execute(text("select set_config('role', 'zipped_api', true)"))
        api = (
            await connection.execute(
                text("select rolname, rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname = current_user")
            )
        ).one()
    await engine.dispose()

    assert tuple(me) == ("zipped", "off")
    assert tuple(api) == ("zipped_api", False, False, False)


async def test_every_test_gets_a_database_of_its_own(postgres: EmbeddedPostgres, database_url: str) -> None:
    name = database_url.partition("?")[0].rpartition("/")[2]

    assert postgres.sql("select current_database()", database=name) == name
    assert postgres.sql('select count(*) from "user"', database=name) == "0"
