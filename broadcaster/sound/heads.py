"""What the heads of sound files say of their length, where FFmpeg does not tell saying from guessing."""

import os
from fractions import Fraction
from pathlib import Path

__all__ = ["mp3_says_length", "wav_shortfall"]

_WAV_HEAD = 44  # bytes before the samples, mostly


def mp3_says_length(path: Path) -> bool:
    """Whether the first MPEG frame carries the number of frames (a Xing or Info header)."""
    with path.open("rb") as file:
        tag = file.read(10)
        if tag[:3] == b"ID3" and len(tag) == 10:  # the size is 4 x 7 bits (ID3v2, 3.1)
            file.seek(10 + (tag[6] << 21 | tag[7] << 14 | tag[8] << 7 | tag[9]))
        first = file.read(2048)
    return b"Xing" in first or b"Info" in first


def wav_shortfall(path: Path) -> Fraction:
    """How many times bigger a WAV file says it is than it is: FFmpeg trusts the smaller of the two."""
    with path.open("rb") as file:
        head = file.read(8)
        size = os.fstat(file.fileno()).st_size
    said = int.from_bytes(head[4:], "little") + len(head)
    if head[:4] != b"RIFF" or said >= 0xFFFFFF00:  # written as a stream: the size was not known
        return Fraction(1)
    return max(Fraction(1), Fraction(said - _WAV_HEAD, max(1, size - _WAV_HEAD)))
