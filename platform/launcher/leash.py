"""Becomes another program that ends when its parent does: drop to a user, ask for a death signal, exec.

Usage: leash.py PARENT_PID SIGNAL UID:GID|- PROGRAM [ARGUMENT...]

Linux forgets a death signal whenever the user changes, so the order here matters: user first, signal second. A program of
its own and not a `preexec_fn`, because nothing of Python's is safe between fork and exec in a process with threads.
Run by path and isolated (`-I -S`): it imports nothing of ours.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Turn this process into the program named on the command line."""
    parent, death_signal, account, *program = arguments
    if account != "-":
        uid, gid = (int(part) for part in account.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != int(parent):  # it died before the signal was set
        sys.exit(1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(program[0], program)  # noqa: S606 - the program is named by the launcher, and no shell is wanted
    except OSError as error:
        sys.exit(f"Cannot start {program[0]}: {error.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
