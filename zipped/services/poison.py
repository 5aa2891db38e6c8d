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
    #: Of the whole message.
    sha256: bytes
    #: Its beginning, as that of the message itself.
    key: bytes | None
    raw: bytes
    error: str

    @classmethod
    def of(
        cls, topic: str, partition: int, offset: int, key: bytes | None, raw: bytes | None, error: str
    ) -> "PoisonMessage":
        """What is kept of a message, with or without a value, however large it is."""
        raw = raw or b""
        digest = hashlib.sha256(raw).digest()
        return cls(topic, partition, offset, digest, None if key is None else key[:MAX_KEY], raw[:MAX_RAW], error)


async def store(session: AsyncSession, found: Sequence[PoisonMessage]) -> None:
    """Keep these messages; one that is kept already stays as it is."""
    await session.execute(
        STORE,
        {
            "topics": [one.topic for one in found],
            "partitions": [one.partition for one in found],
            "offsets": [one.offset for one in found],
            "hashes": [one.sha256 for one in found],
            "keys": [one.key for one in found],
            "raws": [one.raw for one in found],
            "errors": [cleaned(one.error) for one in found],
        },
    )
    for one in found:
        metrics.poison.labels(one.topic).inc()
