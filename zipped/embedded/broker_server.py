"""The embedded broker's process: librdkafka's in-memory broker, which speaks Kafka's protocol on a port it picks.

    python -m zipped.embedded.broker_server ADDRESS_FILE

It writes host:port into the file once it answers, whole or not at all, and runs until SIGTERM.
"""

import os
import signal
import sys
from pathlib import Path

from confluent_kafka import Producer

ANSWER_TIMEOUT = 10.0  # seconds


def main() -> None:
    address_file = Path(sys.argv[1])
    ends = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # before librdkafka's threads exist, which inherit it
    owner = Producer({"test.mock.num.brokers": 1, "log_level": 3})
    (broker,) = owner.list_topics(timeout=ANSWER_TIMEOUT).brokers.values()
    written = address_file.with_name(f"{address_file.name}.new")
    written.write_text(f"{broker.host}:{broker.port}\n")
    os.replace(written, address_file)
    signal.sigwait(ends)


if __name__ == "__main__":
    main()
