"""What the folder of an embedded default fills in where the environment names nothing."""

from pathlib import Path

from zipped.embedded.environment import DataFolder


def test_the_broker_is_the_one_in_memory_unless_apache_kafka_was_taken(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)

    before = folder.environment({})
    folder.take_kafka("127.0.0.1:9092")
    taken = folder.environment({})
    folder.take_kafka(None)
    after = folder.environment({})

    assert before["ZIPPED_BROKER_FILE"] == str(tmp_path / "broker")
    assert taken["ZIPPED_KAFKA_BOOTSTRAP_SERVERS"] == "127.0.0.1:9092"
    assert "ZIPPED_BROKER_FILE" not in taken
    assert after == before


def test_a_broker_that_the_environment_names_goes_before_all(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.take_kafka("127.0.0.1:9092")

    filled = folder.environment({"ZIPPED_KAFKA_BOOTSTRAP_SERVERS": "kafka:9092"})

    assert filled["ZIPPED_KAFKA_BOOTSTRAP_SERVERS"] == "kafka:9092"
