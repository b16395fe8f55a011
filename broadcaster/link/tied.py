"""Run a program that cannot outlive the process that started it: `python tied.py PARENT PROGRAM ARGUMENT...`.

The kernel is asked to kill this process when its parent dies, and then the program takes its place. It is
done here, in a process of one thread, and not between fork and exec of a hub that has many.
Standard library only; it is run as a file, by path, without the rest of the project. `tied` gives that
command; whoever runs it does so from a thread that lives as long as the program, the main one: for the kernel
that thread is the parent.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence

__all__ = ["tied"]

PR_SET_PDEATHSIG = 1
"""From linux/prctl.h. The request is kept across exec."""


def tied(program: Sequence[str]) -> list[str]:
    """The command that runs `program` (a path and its arguments) so that it ends when this process does."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *program]


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
