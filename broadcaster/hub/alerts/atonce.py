"""Words typed just now made into a clip within the second: spoken by the fastest voice, levelled, encoded.

Laws
1. No disk is needed on the way: what is full, worn or busy delays nothing. The library gets the clip when it
   can take it, for units that ask for it later.
2. It is as loud as every other clip. Only the encoder works less hard at it.
3. Which voice spoke, and why no better one, is told.
"""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from pathlib import Path
from secrets import token_hex

from broadcaster.domain.names import ClipId
from broadcaster.domain.plan import Clip
from broadcaster.domain.programme import Spoken
from broadcaster.hub.preparation import CannotMake
from broadcaster.sound.codec import BadSound, Samples, read_blocks
from broadcaster.sound.finishing import SPEECH, finish
from broadcaster.sound.library import Library
from broadcaster.sound.loudness import Silent
from broadcaster.sound.memory import fleeting
from broadcaster.speech import NoVoice
from broadcaster.speech.chain import Voices
from broadcaster.speech.reading import Unreadable, reading

__all__ = ["LIMIT", "AtOnce", "Said"]

LIMIT = timedelta(seconds=3)
"""How long typed words are waited for; after that the signal and what is ready go first."""

_BEST_WITHIN = timedelta(seconds=2.5)
"""How long a better voice is waited for when a poorer one is ready: within the countdown nobody waits."""

_TITLE = 60

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The clip, its bytes, who spoke, and why each better voice did not; empty when none is."""

    clip: Clip
    sound: bytes
    voice: str
    passed_over: str = ""


class AtOnce:
    """Makes clips of typed words. May be used from several threads."""

    def __init__(self, voices: Voices, library: Library, language: str) -> None:
        """`language` is what words are in that say no other."""
        self._voices = voices
        self._library = library
        self._language = language
        self._folder = fleeting(self)

    def say(self, item: Spoken, limit: timedelta = LIMIT, best_within: timedelta = _BEST_WITHIN) -> Said:
        """The words of `item`, without its chime. Blocks for `limit` and half a second at the most. Raises
        CannotMake: nothing was ready, or the words cannot be said; asking again may help."""
        language = item.language or self._language
        try:
            words = reading(item.words, language)
            spoken = self._voices.fastest(words, language, limit, best_within=best_within)
            sound, frames = self._finished(spoken.parts)
        except (NoVoice, Unreadable, BadSound) as fault:
            raise CannotMake(str(fault)) from fault
        except Silent as fault:
            raise CannotMake(f"nothing can be heard of the words: {fault}") from fault
        except OSError as fault:
            raise CannotMake(f"a file could not be read or written: {fault}") from fault
        title = " ".join(item.words.split())[:_TITLE]
        clip = Clip(id=ClipId(hashlib.sha256(sound).hexdigest()), frames=frames, joins=False, title=title)
        return Said(clip=clip, sound=sound, voice=spoken.voice, passed_over="; ".join(spoken.passed_over))

    def lay(self, said: Said) -> bool:
        """Put the clip into the library, which may take as long as a disk takes; whether it is there."""
        try:
            self._library.lay(said.clip.id, said.sound)
        except OSError as fault:
            _logger.warning("clip=%s could not be laid in the library: %s", said.clip.id, fault)
            return False
        return True

    def _finished(self, parts: tuple[Path, ...]) -> tuple[bytes, int]:
        def begin() -> Iterator[Samples]:
            return iter(sound)

        sound = list(chain.from_iterable(map(read_blocks, parts)))
        into = self._folder / token_hex(8)
        try:
            frames = finish(begin, into, bitrate=SPEECH, hurried=True)
            return into.read_bytes(), frames
        finally:
            into.unlink(missing_ok=True)
