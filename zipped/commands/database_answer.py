"""Why a database does not let us in, in the words of the one line that an operator needs."""

import asyncio

from sqlalchemy import make_url, pool
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from zipped.errors import Unavailable
from zipped.settings import Settings

CONNECT_TIMEOUT = 5.0  # seconds


def check(settings: Settings) -> Settings:
    """The settings, once their database has answered. Raises Unavailable."""
    asyncio.run(require_answer(settings.database_url))
    return settings


async def require_answer(database_url: str) -> None:
    """Connect once. Raises Unavailable with the server's or the system's own reason, never with the password."""
    url = make_url(database_url)
    engine = create_async_engine(url, poolclass=pool.NullPool, connect_args={"timeout": CONNECT_TIMEOUT})
    try:
        async with engine.connect():
            pass
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        socket = url.query.get("host")
        place = f"{url.host or socket or 'its socket'}/{url.database}"
        advice = "Is `zipped up` running here?" if socket else "Check ZIPPED_DATABASE_URL."
        reason = getattr(error, "orig", None) or error
        said = str(reason).partition("\n")[0].rpartition(">: ")[2] or f"no answer within {CONNECT_TIMEOUT:.0f} s"
        raise Unavailable(f"No connection to the database {place}: {said}. {advice}") from error
    finally:
        await engine.dispose()
