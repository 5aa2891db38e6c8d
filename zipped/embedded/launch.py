"""Runs a command that must not outlive its parent, as another user when told so.

A script of its own, standard library only, because the alternative (code between fork and exec in a process that has
threads) is refused by newer Pythons. It replaces itself by the command, so the process id stays the same.

    python -I -S launch.py PARENT_PID SIGNAL_NUMBER UID:GID|- COMMAND...

The kernel sends SIGNAL_NUMBER to the command when the parent's thread that started it ends. Linux only; elsewhere the
command just runs, and the next start clears what a hard stop left over.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def launch(parent: int, signal_number: int, user: str, command: list[str]) -> None:
    if user != "-":
        uid, gid = (int(part) for part in user.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # After the change of user: that change clears the wish.
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
        if os.getppid() != parent:  # it died before the wish was made
            os._exit(0)
    os.execv(command[0], command)


if __name__ == "__main__":
    launch(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
