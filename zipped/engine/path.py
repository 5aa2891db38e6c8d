"""Where in a run a step stands, and the key under which its outside effect is known.

A path names what stands around a step. Steps within steps are refused, so every one stands at the top, whose path is
empty. Together with the step's id it is part of the attempt's primary key and of the idempotency key.
"""

import base64
import hashlib
from uuid import UUID

#: The path of every step.
TOP = ""

KEY_BYTES = 20  # of the digest: 32 characters of base32, and no more of it is written than is kept


def idempotency_key(root_id: UUID, step_id: str, path: str, generation: int) -> str:
    """The name of one outside effect: base32(sha256(root run, step, path, generation))[:32].

    The same over all attempts, recoveries and unchanged replays; another one as soon as the generation rises.
    """
    told = "\n".join((str(root_id), step_id, path, str(generation)))
    digest = hashlib.sha256(told.encode()).digest()
    return base64.b32encode(digest[:KEY_BYTES]).decode("ascii")
