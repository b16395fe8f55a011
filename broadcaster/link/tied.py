"""Run a program that cannot outlive the process that started it: `python tied.py PARENT PROGRAM ARGUMENT...`.

The kernel is asked to kill this process when its parent dies, and then the program takes its place. It is
done here, in a process of one thread, and not between fork and exec of a hub that has many.
Standard library only; it is run as a file, by path, without the rest of the project.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""From linux/prctl.h. The request is kept across exec."""


def main(parent: int, program: list[str]) -> None:
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) != 0:
            sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != parent:  # it died before we asked
        sys.exit("the process that started this one is gone")
    os.execv(program[0], program)  # noqa: S606 - a list, and never a shell


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
