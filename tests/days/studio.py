"""A maker that makes an item into a clip at once: as long as its words take, with bytes of its own."""

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path

from broadcaster.domain.names import ClipId
from broadcaster.domain.plan import FRAME_RATE
from broadcaster.domain.programme import Chime, Pause, Playable, Recorded, Relay, Spoken
from broadcaster.hub.preparation import CannotMake, Product
from broadcaster.link.messages import write
from broadcaster.sound.library import Library, Made, NoRoom

__all__ = ["Studio"]

_A_WORD = 0.4
_A_CHIME = 5.0
_A_RECORDING = 45.0


class Studio:
    """The one in the commune office. `lengths`: seconds by words or path; `fails`: what it cannot make, and
    why."""

    def __init__(self, library: Library, lengths: Mapping[str, float], fails: Mapping[str, str]) -> None:
        self._library = library
        self._lengths = lengths
        self._fails = fails

    def source(self, item: Playable) -> str:
        return f"{type(item).__name__} {write(item).decode()}"

    def make(self, item: Playable, *, quickly: bool = False) -> Product:
        name, usual = _described(item)
        if name in self._fails:
            raise CannotMake(self._fails[name])
        frames = round(self._lengths.get(name, usual) * FRAME_RATE)
        if not isinstance(item, Pause):
            frames += 1  # no whole number of anything

        def maker(into: Path) -> Made:
            into.write_text(f"{frames} frames of {name}")
            return Made(frames=frames, title=name[:40], joins=not isinstance(item, Spoken | Chime))

        try:
            return Product(clip=self._library.make(self.source(item), maker).clip)
        except NoRoom as fault:
            raise CannotMake(str(fault)) from fault

    def hurries(self, item: Playable) -> bool:
        return False

    def holds(self, clip: ClipId) -> bool:
        return self._library.path_of(clip).is_file()

    def is_whole(self, clip: ClipId) -> bool:
        return self._library.verify(clip)

    def tidy(self, keep: Collection[ClipId], laid_before: datetime) -> int:
        return self._library.drop_unused(keep, laid_before=laid_before)


def _described(item: Playable) -> tuple[str, float]:
    """What it is called, and how many seconds it lasts if nobody says otherwise."""
    match item:
        case Spoken(words=words):
            return words, len(words.split()) * _A_WORD
        case Chime(name=name):
            return name, _A_CHIME
        case Pause(length=length):
            return f"pause of {length}", length.total_seconds()
        case Recorded(path=path) | Relay(otherwise=path):
            return path, _A_RECORDING
