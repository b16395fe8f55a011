"""Any sound to a finished clip: trimmed, levelled, encoded, heard once more and put right.

The source is heard twice, so it is handed over as a way to begin it. Decoding and encoding run in two
threads; memory stays flat whatever the length.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from broadcaster.sound.ahead import ahead
from broadcaster.sound.codec import FRAME_RATE, ClipReader, Samples, write_opus
from broadcaster.sound.gain import set_output_gain
from broadcaster.sound.loudness import CEILING, Levelling, Loudness, levelled, measure, settled, survey

__all__ = ["MUSIC", "SPEECH", "finish"]

SPEECH = 32_000
MUSIC = 64_000
"""Bit/s of Opus."""

_MOST_CORRECTION = 3.0  # dB; Opus at 32 kbit/s makes pure noise 2 dB softer, and speech a few tenths
_ATTEMPTS = 3
_GOOD_ENOUGH = 0.5  # dB from the loudness aimed at


def finish(begin: Callable[[], Iterator[Samples]], into: Path, *, bitrate: int, hurried: bool = False) -> int:
    """Write the clip to `into` and return its frames. Raises Silent, OSError and what the source raises.

    Opus puts sharp peaks up to 3 dB higher than they were. Where turning the clip down for them would leave
    it too soft, it is encoded again with more room for them; not when it is `hurried`.
    """
    heard = survey(ahead(begin()))
    how = settled(heard)
    attempts = 1 if hurried else _ATTEMPTS
    for attempt in range(1, attempts + 1):
        frames = write_opus(ahead(levelled(begin(), how)), into, bitrate=bitrate, hurried=hurried)
        made = measure(ahead(_heard(into)))
        correction = _correction(made, how)
        over = made.peak - CEILING
        if over <= 0 or attempt == attempts or _missing(made, how) - correction <= _GOOD_ENOUGH:
            break
        how = settled(heard, headroom=CEILING - how.ceiling + over + 0.2)
    if abs(correction) >= 0.05:
        set_output_gain(into, correction)
    return frames


def _heard(clip: Path) -> Iterator[Samples]:
    """As a unit will hear it."""
    with ClipReader(clip) as reader:
        while len(block := reader.read(FRAME_RATE // 2)):
            yield block


def _missing(made: Loudness, how: Levelling) -> float:
    """How many dB the clip is softer than it should be."""
    return 0.0 if made.integrated is None else how.aim - made.integrated


def _correction(made: Loudness, how: Levelling) -> float:
    """The gain in dB that brings the clip to its level, as far as its peaks allow."""
    allowed = CEILING - made.peak - 0.02  # meters differ by a little
    return max(-_MOST_CORRECTION, min(_MOST_CORRECTION, _missing(made, how), allowed))
