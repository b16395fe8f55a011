"""What an engine made is listened to before anybody gets it.

Engines are known to say "done" and leave nothing, a web page, or silence.
"""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from secrets import token_hex

import numpy as np

from broadcaster.files import settle, write_whole
from broadcaster.sound.codec import FRAME_RATE, BadSound, read_blocks
from broadcaster.speech import Request

__all__ = ["Unsound", "deliver", "listen"]

_FAINTEST = 0.01  # -40 dBFS; speech peaks near 0
_FASTEST = 200  # letters and digits a second; espeak-ng gabbling one endless word reaches 130


class Unsound(Exception):
    """Not the speech it should be. The text says what it is instead."""


def deliver(sound: bytes, request: Request, into: Path) -> None:
    """Listen to `sound`, then make it the content of `into`. Raises Unsound, OSError: nothing is there."""
    fresh = into.with_name(f".{into.name}.{token_hex(8)}")
    try:
        write_whole(fresh, sound)
        length = listen(fresh)
        letters = sum(map(str.isalnum, request.words))
        if length < timedelta(seconds=letters / _FASTEST):
            raise Unsound(f"{length.total_seconds():.2f} s of sound is too short for {letters} letters")
        settle(fresh, into)
    finally:
        with suppress(OSError):
            fresh.unlink()


def listen(path: Path) -> timedelta:
    """How long the sound at `path` is. Raises Unsound for what cannot be decoded or heard, OSError."""
    frames, peak = 0, 0.0
    try:
        for block in read_blocks(path):
            frames += len(block)
            peak = max(peak, float(np.abs(block).max(initial=0.0)))
    except BadSound as wrong:
        raise Unsound(str(wrong)) from wrong
    if peak < _FAINTEST:
        raise Unsound("nothing can be heard in it")
    return timedelta(seconds=frames / FRAME_RATE)
