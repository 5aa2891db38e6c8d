"""What the folder of an embedded default fills in where the environment names nothing."""

import os
import pwd
from functools import partial
from pathlib import Path

import pytest

from zipped.embedded import StartError
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


def test_without_anything_made_there_the_way_is_told(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "elsewhere")

    with pytest.raises(StartError, match=r"There is no Zipped in .*elsewhere: `zipped up` makes one"):
        folder.require_made({})

    assert not folder.path.exists()


@pytest.mark.parametrize("name", ["ZIPPED_DATABASE_URL", "ZIPPED_SECRET_KEY"])
def test_who_names_a_database_or_a_key_needs_nothing_there(tmp_path: Path, name: str) -> None:
    DataFolder(tmp_path / "elsewhere").require_made({name: "given"})


def test_a_database_whose_key_is_gone_is_never_advised_to_take_a_new_one(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.make_secret_key()
    (folder.postgres / "data").mkdir(parents=True)
    folder.require_made({})

    folder.secret_key.unlink()

    for needs in (partial(folder.require_made, {}), folder.make_secret_key):
        with pytest.raises(StartError, match="bring it back from the backup"):
            needs()
    assert not folder.secret_key.exists()


def test_a_folder_that_is_closed_to_us_names_whose_it_is_and_who_we_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = pwd.getpwuid(os.geteuid()).pw_name
    monkeypatch.setattr(os, "access", lambda *_: False)  # what the system says to all but root, which may walk anywhere

    for needs in (DataFolder(tmp_path).require_ours, lambda: DataFolder(tmp_path).require_made({})):
        with pytest.raises(StartError, match=f"is {me}'s, and this runs as {me}: go on as {me}, or choose another"):
            needs()

    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_ours_and_one_that_is_not_there_will_do(tmp_path: Path) -> None:
    DataFolder(tmp_path).require_ours()
    DataFolder(tmp_path / "new").require_ours()
