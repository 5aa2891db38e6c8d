"""What the environment leaves out, the embedded default fills in; what it names, replaces a part of the default."""

import os
import pwd
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from zipped.embedded import StartError
from zipped.embedded.broker import EmbeddedBroker
from zipped.embedded.postgres import EmbeddedPostgres

DEFAULT_FOLDER = ".zipped"


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The folder of an embedded default and what lies where in it."""

    path: Path

    @classmethod
    def of(cls, environ: Mapping[str, str], chosen: Path | None = None) -> "DataFolder":
        """The chosen one, else `ZIPPED_DATA_DIR`, else `.zipped` below the working folder."""
        return cls((chosen or Path(environ.get("ZIPPED_DATA_DIR") or DEFAULT_FOLDER)).absolute())

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def kafka(self) -> Path:
        return self.path / "kafka"

    @property
    def kafka_address(self) -> Path:
        """Where it stands which Apache Kafka `zipped up` brought along; there only while it is the folder's broker."""
        return self.path / "kafka-address"

    @property
    def processes(self) -> Path:
        """Where our own processes work; a left-over one is known by it."""
        return self.path / "processes"

    @property
    def secret_key(self) -> Path:
        return self.path / "secret-key"

    def environment(self, environ: Mapping[str, str]) -> dict[str, str]:
        """`environ` with the addresses and the key of this folder's parts where it names none.

        A database of the operator's own needs a key of the operator's own: whoever restores the one must have kept
        the other, which a file in some working folder does not ensure.
        """
        filled = dict(environ)
        if not environ.get("ZIPPED_DATABASE_URL"):
            filled["ZIPPED_DATABASE_URL"] = EmbeddedPostgres(self.postgres).url()
            filled.setdefault("ZIPPED_DATABASE_DISK", str(self.postgres / "data"))
            if not environ.get("ZIPPED_SECRET_KEY") and self.secret_key.exists():
                filled["ZIPPED_SECRET_KEY"] = self.secret_key.read_text().strip()
        if not environ.get("ZIPPED_KAFKA_BOOTSTRAP_SERVERS"):
            if self.kafka_address.exists():
                filled["ZIPPED_KAFKA_BOOTSTRAP_SERVERS"] = self.kafka_address.read_text().strip()
            else:
                filled["ZIPPED_BROKER_FILE"] = str(EmbeddedBroker(self.path).address_file)
        return filled

    def require_ours(self) -> None:
        """Raises StartError when the folder is another user's: after `sudo make up` it is root's."""
        if self.path.is_dir() and not os.access(self.path, os.R_OK | os.W_OK | os.X_OK):
            whose = _user(self.path.stat().st_uid)
            raise StartError(
                f"{self.path} is {whose}'s, and this runs as {_user(os.geteuid())}: go on as {whose}, "
                "or choose another folder with ZIPPED_DATA_DIR"
            )

    def require_made(self, environ: Mapping[str, str]) -> None:
        """Raises StartError when the environment leaves to this folder what nobody has made there."""
        if environ.get("ZIPPED_DATABASE_URL") or environ.get("ZIPPED_SECRET_KEY"):
            return
        self.require_ours()
        self._require_key_of_database()
        if not self.secret_key.exists():
            raise StartError(
                f"There is no Zipped in {self.path}: `zipped up` makes one. Go to the folder of yours, name its data "
                "with ZIPPED_DATA_DIR, or a database of your own with ZIPPED_DATABASE_URL."
            )

    def take_kafka(self, address: str | None) -> None:
        """From now on this folder's broker is the Apache Kafka at `address`; None: the one in memory."""
        if address is None:
            self.kafka_address.unlink(missing_ok=True)
        else:
            self.kafka_address.write_text(f"{address}\n")

    def make_secret_key(self) -> None:
        """Write a random key once. Raises StartError when a database is there whose key is gone."""
        if self.secret_key.exists():
            return
        self._require_key_of_database()
        descriptor = os.open(self.secret_key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{secrets.token_hex(32)}\n")
            file.flush()
            os.fsync(descriptor)

    def _require_key_of_database(self) -> None:
        if (self.postgres / "data").exists() and not self.secret_key.exists():
            raise StartError(
                f"{self.secret_key} is missing, and the secrets in {self.postgres} can't be opened without it: "
                "bring it back from the backup, or move the folder away to start afresh"
            )


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # of another machine, or another container
        return f"user {number}"
