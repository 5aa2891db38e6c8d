"""What looking at the pages needs: a Chromium, and the pages of the sources as they are."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXPORT = ROOT / "web" / "out"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def ready() -> str | None:
    """The path of the Chromium, once the pages are built; None when either can't be, and why is told."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print("There is no Chromium here. Install it (Debian: apt install chromium).", file=sys.stderr)
        return None
    built = subprocess.run([sys.executable, str(ROOT / "deploy" / "web.py")], check=False)
    return browser if built.returncode == 0 else None
