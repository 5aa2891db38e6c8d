"""Makes the topics where they are missing: at each start, and after a broker lost them."""

from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from zipped.broker.client import address, within
from zipped.errors import BrokerError
from zipped.messages import EXECUTION, RESULT
from zipped.settings import Settings

TOPICS = (EXECUTION, RESULT)
PARTITIONS = 12
RETENTION = 7 * 24 * 3600  # seconds; who missed a doorbell for longer finds its run in PostgreSQL
TIMEOUT = 10.0  # seconds for all of it
ALREADY_EXISTS = 36  # error code of Kafka's protocol: somebody else was quicker


async def ensure_topics(settings: Settings, *, timeout: float = TIMEOUT) -> None:
    """Make what is missing of our topics. Raises BrokerError, which names the topics that have to be made by hand
    when the broker refuses to."""
    await within(timeout, _ensure(settings), what="Looking for our topics")


async def _ensure(settings: Settings) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address(settings), request_timeout_ms=int(TIMEOUT * 500))
    try:
        await admin.start()
        present = await admin.list_topics()
        missing = [topic for topic in TOPICS if topic not in present]
        if not missing:
            return
        if settings.broker_file is not None:
            # The embedded broker has no such request; it makes a topic, with 4 partitions, when asked about it.
            await admin.describe_topics(missing)
            return
        brokers = len((await admin.describe_cluster())["brokers"])
        answer = await admin.create_topics([_topic(name, brokers) for name in missing])
        refused = [error for error in _errors(answer) if error[1] not in (0, ALREADY_EXISTS)]
        if refused:
            raise BrokerError(f"The broker refuses to make our topics; make {_by_hand(missing)}: {refused}")
    finally:
        await admin.close()


def _topic(name: str, brokers: int) -> NewTopic:
    configuration = {"retention.ms": str(RETENTION * 1000)}
    if brokers >= 3:
        configuration |= {"min.insync.replicas": "2", "unclean.leader.election.enable": "false"}
    return NewTopic(name, PARTITIONS, 3 if brokers >= 3 else 1, topic_configs=configuration)


def _errors(answer: Any) -> list[tuple[str, int, str | None]]:
    return [(name, code, rest[0] if rest else None) for name, code, *rest in answer.topic_errors]


def _by_hand(topics: list[str]) -> str:
    return f"{' and '.join(topics)} with {PARTITIONS} partitions by hand"
