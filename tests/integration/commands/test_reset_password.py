"""`zipped reset-password`: a way back in for who can reach the machine."""

from sqlalchemy import text

from tests.integration.commands.conftest import RunZipped
from zipped import passwords
from zipped.db import Database
from zipped.services import accounts


async def make_account(database: Database) -> None:
    async with database.begin() as session:
        person = await accounts.create_first_account(session, "ada@example.com", "the old password", "Ada")
        await session.execute(
            text(
                "insert into session (user_id, refresh_hash, expires_at, user_agent, ip) "
                "values (:id, sha256('x'), now() + interval '1 day', 'a device', '')"
            ),
            {"id": person.id},
        )


async def test_it_prints_a_password_that_works_and_signs_every_device_out(
    database: Database, run_zipped: RunZipped
) -> None:
    await make_account(database)

    done = await run_zipped("reset-password", "Ada@example.com")

    assert done.returncode == 0, done.stderr
    password = done.stdout.splitlines()[0].removeprefix("The new password of Ada@example.com: ")
    async with database.begin() as session:
        known = await accounts.credentials(session, "ada@example.com")
        alive = await session.scalar(text("select count(*) from session where revoked_at is null"))
    assert known is not None
    checker = passwords.Passwords()
    assert await checker.verify(known.password_hash, password)
    assert not await checker.verify(known.password_hash, "the old password")
    checker.close()
    assert alive == 0


async def test_an_unknown_address_is_one_line_that_names_the_owner(database: Database, run_zipped: RunZipped) -> None:
    await make_account(database)

    done = await run_zipped("reset-password", "eve@example.com")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "zipped: There is no account with the e-mail address eve@example.com; "
        "this instance belongs to ada@example.com.\n"
    )
