"""A process of its own that writes to a store: `python -m tests.store.writer STATE VERB`.

Says `ready`, waits for a line, then opens the store and prints what it did.
"""

import os
import resource
import signal
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from broadcaster.store import Store, StoreFault, open_store
from tests.store.values import NOON, aired, bulletin, cue, sheet

COUNTS = 60
BREATH = 0.002
"""Seconds between writes: SQLite's lock is not fair, and who never lets go of it writes all by himself."""


def count(store: Store) -> None:
    """Take numbers and book bulletins, one right after the other."""
    for number in range(COUNTS):
        time.sleep(BREATH)
        print(store.counters.next_seq(NOON))
        with store.writing():
            before = store.bookings.of(cue())
            mine = bulletin(f"b-{os.getpid()}-{number}")
            store.bulletins.put(replace(sheet(), bulletin=mine))
            store.bookings.arrange(cue(), (*before, mine.id))


def die(store: Store) -> None:
    """Be killed with a transaction half done and its pages on the way to the disk."""
    store.bulletins.put(sheet("whole"))
    with store.writing():
        store.asrun.record((aired(),), NOON)
        for number in range(1_000):  # more than the cache holds, so that pages reach the disk
            store.texts.keep(f"schedules/{number}.toml", "x" * 5_000, NOON)
        print("in the middle", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)


def fill(store: Store) -> None:
    """Write on a disk that takes no more than a little (a file size limit stands for it)."""
    store.bulletins.put(sheet("whole"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
    kept = 0
    try:
        for number in range(3_000):
            later = NOON + timedelta(seconds=number)
            store.texts.keep(f"schedules/{number}.toml", "x" * 5_000, later)
            kept += 1
    except StoreFault as fault:
        print(type(fault).__name__, kept, fault)


if __name__ == "__main__":
    verbs = {"count": count, "die": die, "fill": fill}
    print("ready", flush=True)
    sys.stdin.readline()
    verbs[sys.argv[2]](open_store(Path(sys.argv[1])))
