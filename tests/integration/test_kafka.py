"""Apache Kafka from Maven Central's jars, as `make kafka-up`, chaos and bench start it."""

from pathlib import Path

import psutil
import pytest
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from zipped.embedded import StartError
from zipped.embedded.kafka import ApacheKafka
from zipped.embedded.ports import free_port

pytestmark = pytest.mark.apache


def topics(kafka: ApacheKafka) -> set[str]:
    return set(AdminClient({"bootstrap.servers": kafka.address()}).list_topics(timeout=10).topics)


def test_kafka_keeps_port_and_topics_over_sigkill_and_a_stop(tmp_path: Path) -> None:
    kafka = ApacheKafka(tmp_path / "kafka", port=free_port())
    try:
        kafka.start()
        admin = AdminClient({"bootstrap.servers": kafka.address()})
        admin.create_topics([NewTopic("kept", 3, 1)])["kept"].result(timeout=10)

        kafka.kill()
        kafka.start()
        after_kill = topics(kafka)
        kafka.stop()
        kafka.start()

        assert "kept" in after_kill
        assert "kept" in topics(kafka)
    finally:
        kafka.stop()
    assert not kafka.running


def test_a_taken_folder_and_a_taken_port_are_told_before_anything_starts(tmp_path: Path) -> None:
    kafka = ApacheKafka(tmp_path / "kafka", port=free_port())
    same_folder = ApacheKafka(tmp_path / "kafka", port=free_port())
    same_port = ApacheKafka(tmp_path / "other", port=kafka.port)
    try:
        kafka.start()

        with pytest.raises(StartError, match="is in use by process"):
            same_folder.start()
        with pytest.raises(StartError, match=f"Port {kafka.port} on 127.0.0.1 is taken"):
            same_port.start()

        assert psutil.Process(kafka.pid).is_running()
        assert topics(kafka) is not None
    finally:
        same_port.stop()
        kafka.stop()


def test_missing_java_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(StartError, match=r"^Apache Kafka needs Java 17 or newer and Maven, but there is no \w+ on"):
        ApacheKafka(tmp_path / "kafka", port=free_port()).start()
