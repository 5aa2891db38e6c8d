"""A worker whose saves are not fenced: what the chaos must catch. Started by its own test alone."""

import sys

from worker.__main__ import main
from zipped.services import run_saves

if __name__ == "__main__":
    run_saves.FENCE = "r.id = i.id"
    sys.exit(main())
