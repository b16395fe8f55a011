"""A voice for tests: small, offline, real. It hums the words, longer for more of them."""

import io
import wave
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np

from broadcaster.files import write_whole
from broadcaster.speech import Request, VoiceFailed

__all__ = ["ToneVoice", "hum"]

_RATE = 8_000
_PACE = 50  # characters a second


def hum(characters: int, pitch: float = 440.0) -> bytes:
    """A WAV file that hums for as long as a voice would speak so many characters."""
    at = np.arange(_RATE * characters // _PACE) / _RATE
    sound = (np.sin(2 * np.pi * pitch * at) * 12_000).astype("<i2")
    whole = io.BytesIO()
    with wave.open(whole, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(sound.tobytes())
    return whole.getvalue()


class ToneVoice:
    """Hums. It can be told to fail: each of `failures` is raised once, in order."""

    limit = timedelta(seconds=1)

    def __init__(
        self,
        name: str = "tone",
        *,
        version: str = "1",
        failures: Sequence[VoiceFailed] = (),
        pitch: float = 440.0,
    ) -> None:
        self.name = name
        self.version = version
        self.failures = list(failures)
        self.asked: list[str] = []
        self._pitch = pitch

    def languages(self) -> frozenset[str]:
        return frozenset({"vi", "en"})

    def speak(self, request: Request, into: Path) -> None:
        self.asked.append(request.words)
        if request.language.split("-")[0] not in self.languages():
            raise VoiceFailed(f"it does not speak {request.language!r}", later=False)
        if self.failures:
            raise self.failures.pop(0)
        write_whole(into, hum(len(request.words), self._pitch))
