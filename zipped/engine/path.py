"""Where in a run a step stands, and the key under which its outside effect is known.

A path names the loops and branches around a step, outermost first, joined by dots: `step[i]` for the i-th round of a
loop, `step/branch` for a branch; at the top it is empty. Step ids hold none of these signs, so a path reads one way
only. Together with the step's id it is part of the attempt's primary key and of the idempotency key.
"""

import base64
import hashlib
from uuid import UUID

#: The path of every step that stands in no loop and no branch.
TOP = ""

KEY_BYTES = 20  # of the digest: 32 characters of base32, and no more of it is written than is kept


def in_round(path: str, step_id: str, index: int) -> str:
    """The path of the steps within round `index` (from 0) of the loop `step_id`, itself at `path`."""
    return _join(path, f"{step_id}[{index}]")


def in_branch(path: str, step_id: str, branch: str) -> str:
    """The path of the steps within `branch` of the step `step_id`, itself at `path`."""
    return _join(path, f"{step_id}/{branch}")


def idempotency_key(root_id: UUID, step_id: str, path: str, generation: int) -> str:
    """The name of one outside effect: base32(sha256(root run, step, path, generation))[:32].

    The same over all attempts, recoveries and unchanged replays; another one as soon as the generation rises.
    """
    told = "\n".join((str(root_id), step_id, path, str(generation)))
    digest = hashlib.sha256(told.encode()).digest()
    return base64.b32encode(digest[:KEY_BYTES]).decode("ascii")


def _join(path: str, segment: str) -> str:
    return f"{path}.{segment}" if path else segment
