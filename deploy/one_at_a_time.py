"""Two that set up the same clone at once do it one after the other: the second finds everything done.

Standard library only, and runs on any Python 3, as venv.py does.
"""

import fcntl
import os


def wait_for_turn(folder: str) -> None:
    """Return once nobody else sets up `folder`; others then wait until this process ends."""
    descriptor = os.open(folder, os.O_RDONLY)  # never closed: the end of the process gives the turn back
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Somebody else sets up this folder; waiting until it is done …", flush=True)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
