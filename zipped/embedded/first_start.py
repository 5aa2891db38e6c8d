"""What a new instance gets once: its first account with a random password, and a demo zip."""

import asyncio
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from zipped import passwords
from zipped.db import Database
from zipped.embedded import demo_zip
from zipped.services import accounts, workspaces
from zipped.services.audit import Actor
from zipped.settings import Settings

EMAIL = "admin@localhost"
PERSON = "Admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """What `zipped up` prints once everything is healthy."""

    #: Set at the first start only; it is stored nowhere in the clear.
    password: str | None
    #: None when its owner has deleted, paused or renamed the demo zip.
    demo_address: str | None

    def lines(self, settings: Settings) -> list[str]:
        """For a terminal."""
        said = ["", f"  Zipped is at   {settings.public_url}", f"  GraphQL is at  {settings.public_url}/graphql"]
        if self.password is not None:
            said += [
                "",
                f"  Sign in as     {EMAIL}",
                f"  with password  {self.password}",
                f"  It is not shown again; `{_typed()} reset-password {EMAIL}` gives a new one.",
            ]
        if self.demo_address is not None:
            curl = f"curl -X POST {self.demo_address} -H 'Content-Type: application/json' -d '{{\"name\": \"Ada\"}}'"
            said += ["", f"  Try the demo zip, or watch it with `{_typed()} demo`:", "", f"  {curl}"]
        return [*said, "", "  Ctrl-C stops everything.", ""]


def _typed() -> str:
    """`zipped` as it can be typed here: `make up` puts it into a virtual environment that nobody has activated."""
    script = Path(sys.executable).with_name("zipped")
    if not script.exists() or shutil.which("zipped") == str(script):
        return "zipped"
    return str(script.relative_to(Path.cwd()) if script.is_relative_to(Path.cwd()) else script)


def welcome(settings: Settings) -> Welcome:
    """Make the first account and the demo zip where nobody has signed up yet; find out what to print."""
    return asyncio.run(_welcome(settings))


async def _welcome(settings: Settings) -> Welcome:
    database = Database(settings.database_url, application_name="zipped up", pool_size=1)
    try:
        async with database.begin() as session:
            password = None if await accounts.any_exists(session) else await _make_first(session, settings)
            owner = await accounts.owner(session)
            demo = None if owner is None else await demo_zip.find(session, owner)
            address = None if demo is None else await demo_zip.address(session, demo, settings=settings)
        return Welcome(password=password, demo_address=address)
    finally:
        await database.dispose()


async def _make_first(session: AsyncSession, settings: Settings) -> str:
    password = passwords.new_password()
    person = await accounts.create_first_account(session, EMAIL, password, PERSON)
    (workspace_id,) = await workspaces.memberships(session, person.id)
    await demo_zip.create(session, workspace_id, actor=Actor(user_id=person.id), settings=settings)
    return password
