"""Workers as a group on Apache Kafka: partitions move, runs stay with who claimed them."""

import asyncio
from dataclasses import replace

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # half typed

from tests.fixtures.waiting import until
from tests.integration.acting import Stage, ring, until_status, working
from tests.integration.stored import make_runs, make_zip, rows, step
from worker.consumer import GROUP
from zipped.broker.topics import PARTITIONS
from zipped.db import Database
from zipped.embedded.kafka import ApacheKafka
from zipped.messages import EXECUTION
from zipped.settings import Settings

pytestmark = pytest.mark.apache


@pytest.fixture
def apache(settings: Settings, kafka: ApacheKafka) -> Settings:
    """The test's own database, and Apache Kafka."""
    return replace(settings, kafka_bootstrap_servers=kafka.address(), broker_file=None)


def behind(kafka: ApacheKafka) -> int:
    """Messages that the group has not committed."""
    admin = AdminClient({"bootstrap.servers": kafka.address()})
    partitions = [TopicPartition(EXECUTION, number) for number in range(PARTITIONS)]
    latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]  # half typed
    ends = admin.list_offsets({partition: latest for partition in partitions})
    wanted = ConsumerGroupTopicPartitions(GROUP, partitions)
    committed = admin.list_consumer_group_offsets([wanted])[GROUP].result().topic_partitions
    at = {partition.partition: max(partition.offset, 0) for partition in committed}
    return sum(end.result().offset - at[partition.partition] for partition, end in ends.items())


async def test_while_workers_come_and_go_each_run_is_performed_once_and_all_is_committed(
    apache: Settings, database: Database, kafka: ApacheKafka
) -> None:
    stage = Stage()
    steps = [step("a", "test.call"), step("wait", "test.delay", input={"seconds": 0.2}), step("b", "test.call")]
    stored_zip = await make_zip(database, steps)

    async def some_done() -> bool:
        return bool(await rows(database, "select 1 from zip_run where status = 'succeeded' limit 1"))

    async def all_committed() -> bool:
        return await asyncio.to_thread(behind, kafka) == 0

    async with working(apache, stage, slots=8):
        await ring(apache, *await make_runs(database, stored_zip, 100))
        await until(some_done)
        for _ in range(3):
            async with working(apache, stage, slots=8):
                await ring(apache, *await make_runs(database, stored_zip, 50))
                await asyncio.sleep(1.0)  # long enough for partitions to move while runs are under way
        await until_status(database, "succeeded")
        await until(all_committed)

    assert len(stage.calls) == 750
    assert len(set(stage.keys)) == 750
    assert await rows(database, "select count(*), max(crashes) from zip_run") == [(250, 0)]
