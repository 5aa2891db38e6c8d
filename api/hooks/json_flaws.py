"""Where a body stops being JSON. Run as a program it answers for a parent: length and body in, one line out.

As a program it is started by its path and imports nothing of ours; it ends with its input, so it can't outlive its
parent.
"""

import resource
import signal
import sys
from dataclasses import asdict, dataclass
from typing import Final

import orjson

MEMORY: Final = 1 << 30  # bytes of address space: 10 MiB of JSON can become 300 MB of lists


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong and where; line and column count characters from 1, offset bytes from 0."""

    message: str
    line: int
    column: int
    offset: int


def find(body: bytes) -> Flaw | None:
    """The first flaw of a body; None when it is JSON."""
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return _flaw(body, error)
    return None


def _flaw(body: bytes, error: orjson.JSONDecodeError) -> Flaw:
    try:
        # The parser counts characters.
        message, offset = error.msg, len(body.decode()[: error.pos].encode())
    except UnicodeDecodeError as broken:
        message, offset = "not UTF-8", broken.start
    line_start = body.rfind(b"\n", 0, offset) + 1
    column = len(body[line_start:offset].decode("utf-8", "replace")) + 1
    return Flaw(message, body.count(b"\n", 0, offset) + 1, column, offset)


def main() -> None:
    """Answer until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    while head := sys.stdin.buffer.read(8):
        flaw = find(sys.stdin.buffer.read(int.from_bytes(head, "big")))
        sys.stdout.buffer.write(orjson.dumps(asdict(flaw) if flaw else None) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
