"""`make pictures`: the README's pictures anew, from a `zipped up` of the sources as they are.

What is on them and what the browser does stands in web/bench/pictures.mjs.
"""

import subprocess
import sys

import orjson

from bench import pages
from tests.e2e.up_command import UpCommand
from tests.fixtures.folder import open_folder
from zipped.embedded.first_start import EMAIL
from zipped.embedded.ports import free_port

IMAGES = pages.ROOT / "docs" / "images"
TIMEOUT = 300.0  # seconds


def main() -> int:
    """Write them; the exit code."""
    browser = pages.ready()
    if browser is None:
        return 1
    receiver = free_port()
    environ = {"ZIPPED_WEB_DIR": str(pages.EXPORT), "ZIPPED_OUTBOUND_ALLOW": f"127.0.0.1:{receiver}"}
    with open_folder() as folder:
        up = UpCommand(folder, free_port(), environ=environ)
        try:
            up.start()
            order = {
                "url": f"http://127.0.0.1:{up.port}",
                "browser": browser,
                "email": EMAIL,
                "password": up.password(),
                "receiver": receiver,
                "folder": str(IMAGES),
            }
            node = ["node", "bench/pictures.mjs"]
            return subprocess.run(
                node, cwd=pages.ROOT / "web", input=orjson.dumps(order), timeout=TIMEOUT, check=False
            ).returncode
        finally:
            up.close()


if __name__ == "__main__":
    sys.exit(main())
