"""Makes the items of one station into clips: its voices, its audio folder, its library."""

import logging
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from broadcaster.domain.names import ClipId
from broadcaster.domain.programme import Chime, Pause, Playable, Recorded, Relay, Spoken
from broadcaster.folder import find_chime, find_recording
from broadcaster.folder.audio import BadAudio
from broadcaster.hub.preparation import CannotMake, Product
from broadcaster.link.messages import write
from broadcaster.sound.codec import BadSound
from broadcaster.sound.library import ClipRecord, Library, NoRoom
from broadcaster.sound.making import make_chime, make_pause, make_recording, make_speech
from broadcaster.speech import NoVoice
from broadcaster.speech.chain import Voices
from broadcaster.speech.reading import Unreadable, reading

__all__ = ["StationMaker"]

_VOICES_ROOM = 512 << 20
"""Bytes of spoken words that are kept, though their clips are made: about a year of bulletins."""


_logger = logging.getLogger(__name__)


class StationMaker:
    """The one `Maker` of the hub."""

    def __init__(
        self, *, folder: Path, library: Library, voices: Voices, language: str, room: int = _VOICES_ROOM
    ) -> None:
        """`folder` is the station's; `language` is what words are in when they say no other; `room` is for
        spoken words that are kept, in bytes."""
        self._folder = folder
        self._library = library
        self._voices = voices
        self._language = language
        self._room = room

    def source(self, item: Playable) -> str:
        written = write(item).decode()
        if isinstance(item, Spoken | Pause):
            return f"{type(item).__name__} {written}"
        try:
            seen = self._file(item).stat()
        except (BadAudio, OSError):
            return f"{type(item).__name__} {written} absent"
        return f"{type(item).__name__} {written} {seen.st_mtime_ns} {seen.st_size}"

    def holds(self, clip: ClipId) -> bool:
        return self._library.path_of(clip).is_file()

    def is_whole(self, clip: ClipId) -> bool:
        try:
            whole = self._library.verify(clip)
        except OSError:  # a disk that cannot read it back
            whole = False
        if not whole:
            self._library.path_of(clip).unlink(missing_ok=True)
        return whole

    def tidy(self, keep: Collection[ClipId], laid_before: datetime) -> int:
        freed = self._library.drop_unused(keep, laid_before=laid_before)
        self._voices.tidy(self._room)
        return freed

    def make(self, item: Playable, *, quickly: bool = False) -> Product:
        try:
            if isinstance(item, Spoken):
                return (
                    self._hurried(item) if quickly and self.hurries(item) else self._speech(item, item.voice)
                )
            return self._made(item)
        except (BadAudio, BadSound, NoRoom, NoVoice, Unreadable) as fault:
            raise CannotMake(str(fault)) from fault
        except OSError as fault:
            raise CannotMake(f"a file could not be read or written: {fault}") from fault

    def hurries(self, item: Playable) -> bool:
        names = self._voices.names
        return isinstance(item, Spoken) and (item.voice or names[0]) != names[-1]

    def _made(self, item: Chime | Recorded | Relay | Pause) -> Product:
        match item:
            case Pause(length=length):
                return _product(make_pause(self._library, length))
            case Chime():
                return _product(make_chime(self._library, self._file(item)))
            case Recorded(path=path):
                return _product(make_recording(self._library, self._file(item), title=Path(path).stem))
            case Relay():
                return _product(make_recording(self._library, self._file(item), title="relay: else"))

    def _hurried(self, item: Spoken) -> Product:
        product = self._speech(item, self._voices.names[-1])
        return replace(product, poor="it had to be heard at once; a better voice was not ready")

    def _speech(self, item: Spoken, voice: str | None) -> Product:
        language = item.language or self._language
        spoken = self._voices.speak(reading(item.words, language), language, voice)
        record = make_speech(
            self._library,
            spoken.parts,
            title=_first_words(item.words),
            voice=spoken.voice,
            chime=self._call(item.chime),
        )
        return Product(clip=record.clip, voice=record.voice, poor="; ".join(spoken.passed_over))

    def _call(self, chime: str | None) -> Path | None:
        """The chime before the words, as we made it: people's own file was decoded in a child with limits.
        One that cannot be had does not mute the words."""
        if chime is None:
            return None
        try:
            return self._library.path_of(make_chime(self._library, find_chime(self._folder, chime)).id)
        except (BadAudio, BadSound) as fault:
            _logger.warning("words are said without their chime: %s", fault)
            return None

    def _file(self, item: Playable) -> Path:
        """The file an item is made from. Raises BadAudio."""
        match item:
            case Chime(name=name):
                return find_chime(self._folder, name)
            case Recorded(path=path) | Relay(otherwise=path):
                return find_recording(self._folder, path)
            case _:
                raise TypeError(f"a {type(item).__name__} is not made from a file")


def _product(record: ClipRecord) -> Product:
    return Product(clip=record.clip)


def _first_words(words: str) -> str:
    text = " ".join(words.split())
    return text if len(text) <= 60 else f"{text[:59]}…"
