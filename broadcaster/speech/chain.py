"""The voices of a station, tried in their order, and the cache of what they spoke."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from broadcaster import clock
from broadcaster.speech import Voice

__all__ = ["SpokenFile", "Voices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenFile:
    """Words that were spoken, in one voice.

    parts: sound files to be joined in this order, at least one; they lie in the cache: read, never change.
    voice, version: who spoke. from_cache: no engine was asked.
    passed_over: why each better voice of the chain did not speak, one line each; empty for the best.
    """

    parts: tuple[Path, ...]
    voice: str
    version: str
    from_cache: bool
    passed_over: tuple[str, ...] = ()


class Voices:
    """The chain: the first voice is the best, the last should work without a network."""

    def __init__(
        self, voices: Sequence[Voice], cache: Path, monotonic: Callable[[], float] = clock.monotonic
    ) -> None: ...

    def speak(
        self,
        words: str,
        language: str,
        voice: str | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> SpokenFile:
        """Speak `words` (already through `reading`) with the best voice that can, or with `voice` only.

        Blocks, up to minutes for long words: never call it on the hub's loop or at air time.
        progress is told (parts done, parts in all). Raises NoVoice, or OSError when the cache cannot be
        written (a full disk).
        """
        raise NotImplementedError
