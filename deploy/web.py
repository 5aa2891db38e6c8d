"""Builds the web application when its sources have changed since the last build.

    python deploy/web.py [build | install]

`install` only brings its packages. Standard library only; needs Node 20 or newer, and says so in one line.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
BUILT = WEB / "out"
STAMP = WEB / ".built-from"  # beside what is built, not in it: everything in there is served
OLDEST_NODE = 20
GENERATED = ("node_modules", ".next", "out", ".built-from", "tsconfig.tsbuildinfo", "test-results")


def main(what: str) -> int:
    if not (WEB / "package.json").exists():
        return 0
    sources = digest_of_sources()
    if what == "build" and (BUILT / "index.html").exists() and STAMP.exists() and STAMP.read_text() == sources:
        return 0
    problem = node_problem()
    if problem:
        print(
            f"{problem} Install it (Debian: apt install nodejs npm), or leave the pages out with WEB=no.",
            file=sys.stderr,
        )
        return 1
    if not install():
        return 1
    if what == "install":
        return 0
    print("Building the web application …", flush=True)
    if not run("npm", "run", "build"):
        return 1
    STAMP.write_text(sources)
    return 0


def install() -> bool:
    """`npm ci` when the lock has changed; whether the packages are there."""
    lock = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    stamp = WEB / "node_modules" / ".installed-from"
    if stamp.exists() and stamp.read_text() == lock:
        return True
    print("Installing the web application's packages …", flush=True)
    if not run("npm", "ci"):
        return False
    stamp.write_text(lock)
    return True


def run(*command: str) -> bool:
    environ = {**os.environ, "NEXT_TELEMETRY_DISABLED": "1"}
    if subprocess.call(command, cwd=WEB, env=environ) == 0:
        return True
    print(f"`{' '.join(command)}` failed in web/; the message is above.", file=sys.stderr)
    return False


def node_problem() -> str | None:
    """Why Node can't be used, or None."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return f"The web application is built with Node {OLDEST_NODE} or newer and npm, which are not on the PATH."
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    found = re.match(r"v(\d+)", version)
    if found is None or int(found[1]) < OLDEST_NODE:
        return f"The web application is built with Node {OLDEST_NODE} or newer; this is {version or 'unknown'}."
    return None


def digest_of_sources() -> str:
    total = hashlib.sha256((ROOT / "schema.graphql").read_bytes() if (ROOT / "schema.graphql").exists() else b"")
    for folder, folders, files in os.walk(WEB):
        folders[:] = sorted(name for name in folders if name not in GENERATED)
        for name in sorted(set(files) - set(GENERATED)):
            path = Path(folder) / name
            total.update(f"{path.relative_to(WEB)}\0".encode())
            total.update(path.read_bytes())
    return total.hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "build"))
