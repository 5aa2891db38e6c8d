"""`make pictures`: the README's pictures anew, from a `zipped up` of the sources as they are.

What is on them and what the browser does stands in web/bench/pictures.mjs.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import orjson

from bench.web import BROWSERS
from tests.e2e.up_command import UpCommand
from zipped.embedded.first_start import EMAIL
from zipped.embedded.ports import free_port

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
TIMEOUT = 300.0  # seconds


def main() -> int:
    """Write them; the exit code."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print("There is no Chromium here. Install it (Debian: apt install chromium).", file=sys.stderr)
        return 1
    if subprocess.run([sys.executable, str(ROOT / "deploy" / "web.py")], check=False).returncode != 0:
        return 1
    folder = Path(tempfile.mkdtemp(prefix="zipped-pictures-"))
    folder.chmod(0o711)  # root's PostgreSQL runs as another user and must get in
    receiver = free_port()
    environ = {"ZIPPED_WEB_DIR": str(ROOT / "web" / "out"), "ZIPPED_OUTBOUND_ALLOW": f"127.0.0.1:{receiver}"}
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
            node, cwd=ROOT / "web", input=orjson.dumps(order), timeout=TIMEOUT, check=False
        ).returncode
    finally:
        up.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
