"""Writes a new migration from the difference between the models and what the migrations make.

    make migration M="add a column"

The difference is taken on a database of its own, made for this and thrown away.
"""

import re
import shutil
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from zipped.embedded.postgres import EmbeddedPostgres
from zipped.migrations import config, upgrade


def main(message: str) -> int:
    if not message.strip():
        print('Say what it is for: make migration M="add a column"', file=sys.stderr)
        return 1
    folder = Path(tempfile.mkdtemp(prefix="zipped-migration-"))
    folder.chmod(0o711)
    server = EmbeddedPostgres(folder, durable=False)
    try:
        server.start()
        upgrade(server.url())
        alembic = config(server.url())
        numbers = [int(script.revision) for script in ScriptDirectory.from_config(alembic).walk_revisions()]
        slug = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")
        command.revision(alembic, message=slug, rev_id=f"{max(numbers, default=0) + 1:04d}", autogenerate=True)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))
