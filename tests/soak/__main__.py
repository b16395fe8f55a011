"""Runs what takes long: `python -m tests.soak`, with names for some. `make soak` calls it.

Each is a file of this folder with a function `measure() -> Figures`, as in tests/bench, and its figures are
written beside those. The exit code is 1 when something does not hold.
"""

import sys

from tests.bench.__main__ import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], "soak"))
