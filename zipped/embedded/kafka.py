"""Apache Kafka without Docker: the jars from Maven Central, one node in KRaft mode, as a child process.

    python -m zipped.embedded.kafka [--port 9092] [--folder .zipped/kafka]        in the foreground, ended by Ctrl-C

Unlike the embedded broker it keeps its topics on disk and its port, so it survives SIGKILL and a restart.
"""

import argparse
import hashlib
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from zipped.embedded import StartError
from zipped.embedded.left_overs import end_left_overs
from zipped.embedded.lock import FolderLock
from zipped.embedded.ports import free_port, port_number, require_free
from zipped.embedded.process import SOURCE, spawn
from zipped.embedded.server import Server
from zipped.embedded.server_log import telling_line

DEPLOY = SOURCE / "deploy" / "kafka"
LIBRARIES = SOURCE / ".kafka"  # the jars, one folder per pom.xml

CLUSTER_ID = "emlwcGVkLWthZmthLTAwMQ"  # 16 bytes in base64; any will do on one machine
SMALL_JVM = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m")  # ready in 2 s instead of 3, half the memory
STOP_TIMEOUT = 30.0  # seconds; a graceful stop was seen to take 10
SIGNS = ("No space left", "UnsupportedClassVersionError", "FATAL", "Exception", "ERROR")  # of why it ended, worst first


class ApacheKafka(Server):
    """One Kafka node on `folder`, listening on 127.0.0.1:`port`; its stop takes up to ten seconds."""

    def __init__(self, folder: Path, *, port: int, port_option: str = "make kafka-up PORT=…") -> None:
        """`port_option` is what an operator types to have another port."""
        self.folder = folder.absolute()
        farewell = ((signal.SIGTERM, STOP_TIMEOUT),)
        super().__init__("Apache Kafka", self.folder / "log", farewell=farewell, signs=SIGNS)
        self.port = port
        self._port_option = port_option
        self._lock = FolderLock(self.folder / "lock")
        self._java: list[str] = []

    def address(self) -> str:
        """host:port for clients."""
        return f"127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Fetch the jars, take the folder, clear left-overs, check the port, format the folder when it is new.

        Raises StartError when Java or Maven is missing, or folder or port are taken.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock.take()
        end_left_overs(self.folder, _is_kafka, (signal.SIGTERM, STOP_TIMEOUT), (signal.SIGKILL, 10.0))
        require_free("127.0.0.1", self.port, purpose=f"Apache Kafka needs it; choose another with {self._port_option}")
        classpath = libraries() / "*"
        logging = f"-Dlog4j2.configurationFile={DEPLOY / 'log4j2.xml'}"
        self._java = [_program("java"), *SMALL_JVM, logging, "-cp", str(classpath)]
        self._write_configuration()
        if not (self.folder / "data" / "meta.properties").exists():
            self._format()

    def ready(self) -> bool:
        """Whether it answers a client's question for its topics."""
        from confluent_kafka import KafkaException  # a client only for who starts a Kafka
        from confluent_kafka.admin import AdminClient

        if not self.running:
            return False
        try:
            require_free("127.0.0.1", self.port, purpose="")
        except StartError:
            try:
                client = AdminClient({"bootstrap.servers": self.address(), "log_level": 0})
                return bool(client.list_topics(timeout=1.0).brokers)
            except KafkaException:
                return False
        return False

    def stop(self) -> None:
        """Stop it gracefully and give the folder back."""
        super().stop()
        self._lock.release()

    def _spawned(self, log: IO[bytes]) -> "subprocess.Popen[bytes]":
        return spawn([*self._java, "kafka.Kafka", "server.properties"], cwd=self.folder, output=log)

    def _write_configuration(self) -> None:
        controller = free_port()
        overrides = f"""
# Of this start; a later line wins.
log.dirs={self.folder / "data"}
listeners=PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{self.port}
controller.quorum.voters=1@127.0.0.1:{controller}
"""
        (self.folder / "server.properties").write_text((DEPLOY / "server.properties").read_text() + overrides)

    def _format(self) -> None:
        command = [*self._java, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", "server.properties"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise StartError(f"Kafka could not format {self.folder}: {telling_line(done.stdout + done.stderr, SIGNS)}")


def libraries() -> Path:
    """The folder with Kafka's jars, fetched by Maven the first time and again when deploy/kafka/pom.xml changes."""
    pom = DEPLOY / "pom.xml"
    target = LIBRARIES / hashlib.sha256(pom.read_bytes()).hexdigest()[:16]
    if target.exists():
        return target
    maven = _program("mvn")
    LIBRARIES.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix="fetching-", dir=LIBRARIES))
    print("Fetching Apache Kafka from Maven Central (44 MB, once) …", file=sys.stderr, flush=True)
    command = [maven, "-q", "-B", "-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={building}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        shutil.rmtree(building)
        raise StartError(f"Maven could not fetch Apache Kafka: {telling_line(done.stdout + done.stderr, SIGNS)}")
    try:
        building.rename(target)
    except OSError:  # somebody else was quicker
        shutil.rmtree(building)
    return target


def _is_kafka(command: list[str]) -> bool:
    return "kafka.Kafka" in command


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise StartError(f"Apache Kafka needs Java 17 or newer and Maven, but there is no {name} on the PATH")
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one Kafka in the foreground until Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(prog="make kafka-up", description="Apache Kafka on this machine, without Docker.")
    parser.add_argument("--port", type=port_number, default=9092)
    parser.add_argument("--folder", type=Path, default=Path(".zipped/kafka"))
    options = parser.parse_args(arguments)
    kafka = ApacheKafka(options.folder, port=options.port)
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        kafka.start()
        print(f"Apache Kafka answers on {kafka.address()}. Ctrl-C stops it.", flush=True)
        print(f"Zipped on it: ZIPPED_KAFKA_BOOTSTRAP_SERVERS={kafka.address()} make up", flush=True)
        code = kafka.wait()
    except KeyboardInterrupt:
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)
        print("Stopping Apache Kafka …", flush=True)
        code = 0
    except StartError as error:
        print(error.message, file=sys.stderr)
        code = 1
    finally:
        kafka.stop()
    return code


if __name__ == "__main__":
    sys.exit(main())
