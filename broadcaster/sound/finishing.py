"""Any sound to a finished clip: trimmed, levelled, encoded, heard once more and put right.

The source is heard twice, so it is handed over as a way to begin it. Decoding and encoding run in two
threads; memory stays flat whatever the length.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from broadcaster.sound.ahead import ahead
from broadcaster.sound.codec import Samples, read_blocks, write_opus
from broadcaster.sound.gain import set_output_gain
from broadcaster.sound.loudness import CEILING, Levelling, levelled, measure, settled, survey

__all__ = ["MUSIC", "SPEECH", "finish"]

SPEECH = 32_000
MUSIC = 64_000
"""Bit/s of Opus."""

_MOST_CORRECTION = 3.0  # dB; Opus at 32 kbit/s makes pure noise 2 dB softer, and speech a few tenths


def finish(begin: Callable[[], Iterator[Samples]], into: Path, *, bitrate: int) -> int:
    """Write the clip to `into` and return its frames. Raises Silent, OSError and what the source raises."""
    how = settled(survey(ahead(begin())))
    frames = write_opus(ahead(levelled(begin(), how)), into, bitrate=bitrate)
    _put_right(into, how)
    return frames


def _put_right(clip: Path, how: Levelling) -> None:
    """What the encoder did to loudness and peaks is undone by the gain in the clip's head."""
    made = measure(ahead(read_blocks(clip)))
    wished = 0.0 if made.integrated is None else how.aim - made.integrated
    allowed = CEILING - made.peak - 0.02  # FFmpeg tells peaks to 0.01 dB only
    correction = max(-_MOST_CORRECTION, min(_MOST_CORRECTION, wished, allowed))
    if abs(correction) >= 0.05:
        set_output_gain(clip, correction)
