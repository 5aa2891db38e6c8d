"""Messages on our topics that are not ours: kept once each, for whoever wants to know who sends them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from zipped import metrics
from zipped.engine.document import cleaned

MAX_RAW = 64 * 1024  # bytes kept of a message
MAX_KEY = 1024  # bytes kept of its key

STORE = text(
    """
    insert into poison (topic, partition, "offset", sha256, key, raw, error)
    select * from unnest(
        cast(:topics as text[]), cast(:partitions as int[]), cast(:offsets as bigint[]), cast(:hashes as bytea[]),
        cast(:keys as bytea[]), cast(:raws as bytea[]), cast(:errors as text[]))
    on conflict (topic, partition, "offset", sha256) do nothing
    """
)


@dataclass(frozen=True, slots=True)
class PoisonMessage:
    """A message that could not be read, and why."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    #: None for a message without a value.
    raw: bytes | None
    error: str


async def store(session: AsyncSession, found: Sequence[PoisonMessage]) -> None:
    """Keep these messages; one that is kept already stays as it is."""
    await session.execute(
        STORE,
        {
            "topics": [one.topic for one in found],
            "partitions": [one.partition for one in found],
            "offsets": [one.offset for one in found],
            "hashes": [hashlib.sha256(one.raw or b"").digest() for one in found],
            "keys": [None if one.key is None else one.key[:MAX_KEY] for one in found],
            "raws": [(one.raw or b"")[:MAX_RAW] for one in found],
            "errors": [cleaned(one.error) for one in found],
        },
    )
    for one in found:
        metrics.poison.labels(one.topic).inc()
