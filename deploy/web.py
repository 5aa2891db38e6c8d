"""Builds the web application when its sources have changed since the last build; checks its sources.

    python deploy/web.py [build | check]

Standard library only; needs Node 20 or newer, and says so in one line.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from one_at_a_time import wait_for_turn

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
BUILT = WEB / "out"
STAMP = WEB / ".built-from"  # beside what is built, not in it: everything in there is served
OLDEST_NODE = 20
GENERATED = ("node_modules", ".next", "out", ".built-from", "tsconfig.tsbuildinfo", "test-results")
TESTS = ("e2e", "bench")  # of the built export: no part of it


def main(what: str) -> int:
    if not (WEB / "package.json").exists():
        return 0
    return check() if what == "check" else build()


def build() -> int:
    """Write web/out, if what is there is older than the sources; the exit code."""
    wait_for_turn(str(ROOT))
    sources = digest_of_sources()
    if (BUILT / "index.html").exists() and STAMP.exists() and STAMP.read_text() == sources:
        return 0
    if problem := node_problem():
        advice = "Install it (Debian: apt install nodejs npm), or leave the pages out with WEB=no."
        print(f"{problem} {advice}", file=sys.stderr)
        return 1
    if not install():
        return 1
    print("Building the web application …", flush=True)
    STAMP.unlink(missing_ok=True)  # whoever cuts the build off leaves something half in web/out
    if not run("npm", "run", "build"):
        return 1
    STAMP.write_text(sources)
    return 0


def check() -> int:
    """Lint, types, unit tests, and whether the generated code fits schema.graphql; the exit code.

    Without Node it is left out, but for CI, where nothing is.
    """
    if problem := node_problem():
        print(f"web/ is not checked: {problem}", file=sys.stderr)
        return 1 if os.environ.get("CI") == "true" else 0
    if not install():
        return 1
    before = digest_of(WEB / "gql")
    if not all(run("npm", "run", "--silent", script) for script in ("codegen", "lint", "typecheck", "test")):
        return 1
    if digest_of(WEB / "gql") != before:
        print("web/gql was stale; it has been written anew: commit it.", file=sys.stderr)
        return 1
    return 0


def install() -> bool:
    """`npm ci` when the lock has changed; whether the packages are there."""
    lock = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    stamp = WEB / "node_modules" / ".installed-from"
    if stamp.exists() and stamp.read_text() == lock:
        return True
    print("Installing the web application's packages …", flush=True)
    # Only errors: parts of the code generator, which the build doesn't run, warn of Node 20 on a hundred lines.
    if not run("npm", "ci", "--loglevel=error"):
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
    """Of everything the build reads."""
    schema = ROOT / "schema.graphql"
    return digest_of(WEB, hashlib.sha256(schema.read_bytes() if schema.exists() else b"").digest())


def digest_of(top: Path, start: bytes = b"") -> str:
    """Of the names and contents below `top`, without what is made from others."""
    total = hashlib.sha256(start)
    for folder, folders, files in os.walk(top):
        folders[:] = sorted(name for name in folders if name not in GENERATED + TESTS)
        for name in sorted(set(files) - set(GENERATED)):
            path = Path(folder) / name
            total.update(f"{path.relative_to(top)}\0".encode())
            total.update(path.read_bytes())
    return total.hexdigest()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "build"))
    except KeyboardInterrupt:
        print("Interrupted. The same command goes on from here.", file=sys.stderr)
        sys.exit(130)
