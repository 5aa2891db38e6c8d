"""Makes the virtual environment and keeps it equal to the locked requirements.

    python3 deploy/venv.py run | dev

Standard library only, and its first lines run on any Python 3, so that an old one is told so in one line. Installs only
when a lock file has changed since the last time; `dev` holds everything of `run`. Uses uv when it is there, else pip.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from typing import NoReturn

from one_at_a_time import wait_for_turn

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "zipped-requirements")
OLDEST = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")


def main(kind: str) -> None:
    if sys.version_info < OLDEST:
        for name in NEWER:
            path = shutil.which(name)
            if path:
                os.execv(path, [path, *sys.argv])
        end(f"Zipped needs Python 3.11 or newer; this is {sys.version.split()[0]} and no newer one is on the PATH.")
    wait_for_turn(ROOT)
    wanted = {name: digest(name) for name in ("run", "dev")}
    installed = read_stamp()
    python = os.path.join(VENV, "bin", "python")
    if os.path.exists(python) and installed.get(kind) == wanted[kind]:
        return
    uv = shutil.which("uv")
    if not usable(python, uv):
        say("Making the virtual environment in .venv …")
        make_environment(uv)
    say(f"Installing the locked packages (requirements/{kind}.txt) …")
    lock = os.path.join(ROOT, "requirements", f"{kind}.txt")
    here = ["--no-deps", "--no-build-isolation", "--editable", ROOT]
    if uv:
        install = [uv, "pip", "install", "--python", python]
        run([*install, "--require-hashes", "-r", lock])
        run([*install, "--quiet", *here])
    else:
        install = [python, "-m", "pip", "install", "--disable-pip-version-check"]
        run([*install, "--progress-bar", "on", "--require-hashes", "-r", lock])
        run([*install, "--quiet", *here])
    write_stamp(wanted if kind == "dev" else {"run": wanted["run"]})


def usable(python: str, uv: "str | None") -> bool:
    """Whether packages can be installed with it: not when making it was cut off before pip was in it."""
    if not os.path.exists(python):
        return False
    trial = ["-c", ""] if uv else ["-m", "pip", "--version"]
    try:
        return subprocess.run([python, *trial], capture_output=True, check=False).returncode == 0
    except OSError:  # of another machine, say
        return False


def make_environment(uv: "str | None") -> None:
    if uv:
        run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, VENV])
        return
    done = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True, check=False)
    if done.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        if "ensurepip" in done.stdout + done.stderr:
            end("This Python has no venv module; install it (Debian: apt install python3-venv) or install uv.")
        reason = (done.stderr or done.stdout).strip().split("\n")[-1]
        end(f"The virtual environment could not be made: {reason}")


def run(command: "list[str]") -> None:
    code = subprocess.call(command, cwd=ROOT)
    if code:
        end("Installing failed; the message is above. Nothing was started.")


def digest(kind: str) -> str:
    """Of everything that an installed environment depends on: the lock, the Python, the folder it lies in."""
    with open(os.path.join(ROOT, "requirements", f"{kind}.txt"), "rb") as lock:
        return hashlib.sha256(lock.read() + f"{sys.version}{ROOT}".encode()).hexdigest()


def read_stamp() -> "dict[str, str]":
    try:
        with open(STAMP) as file:
            return dict(line.split() for line in file)
    except (OSError, ValueError):
        return {}


def write_stamp(digests: "dict[str, str]") -> None:
    with open(STAMP, "w") as file:
        file.writelines(f"{kind} {value}\n" for kind, value in sorted(digests.items()))


def say(text: str) -> None:
    print(text, flush=True)


def end(text: str, code: int = 1) -> "NoReturn":
    print(text, file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        end("Interrupted. The same command goes on from here.", 130)
