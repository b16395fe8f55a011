"""The copy of the sample commune that the demo plays with.

It says what the sample says, less the allowed hours and quiet days, so that it sounds at any time, and less
what would be on air just then, so that nothing is in its way. Its ports are its own. Its first voice is the
one that answers at once, whatever the network does.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from broadcaster.domain.instants import Spell
from broadcaster.domain.places import Station
from broadcaster.domain.programme import Programme
from broadcaster.domain.timetable import occurrences
from broadcaster.files import one_only, write_whole
from broadcaster.folder import read_schedules, read_station
from broadcaster.speech import NoVoice
from broadcaster.speech.reading import reading
from broadcaster.station import StationFolder

__all__ = ["DemoFailed", "SampleCopy", "emptied"]

_OURS = "demo.lock"
"""Tells a folder that a demo made, and may empty, from one that holds something else."""

_LONGEST = timedelta(hours=1)
"""A programme that began so long ago may still be on air."""
_SOON = timedelta(minutes=3)

_PATIENCE = 4.0
"""Seconds a voice has to speak the words: with a network the online one needs one or two, and it would take a
minute to be sure that there is none."""


class DemoFailed(Exception):
    """Something did not come about. The text says what, and where its words are."""


@contextmanager
def emptied(folder: Path) -> Iterator[None]:
    """Hold `folder`, empty, for one demo. Raises DemoFailed for another's, AlreadyRunning, OSError."""
    if folder.exists() and any(folder.iterdir()) and not (folder / _OURS).is_file():
        raise DemoFailed(f"{folder} holds something else: name another folder with --into")
    folder.mkdir(parents=True, exist_ok=True)
    with one_only(folder / _OURS, f"a demo in {folder}"):
        for old in folder.iterdir():
            if old.is_dir() and not old.is_symlink():
                shutil.rmtree(old)
            elif old.name != _OURS:
                old.unlink()
        yield


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleCopy:
    """The copy in `folder`. `ports`: of the broker, of the hub, of the panel."""

    folder: Path
    station: Station
    ports: tuple[int, int, int]

    @classmethod
    def of(cls, sample: Path, folder: Path, ports: tuple[int, int, int]) -> "SampleCopy":
        """Copy the station folder `sample`. Raises BadFolder, OSError."""
        station = replace(read_station(sample), allowed=(), quiet=(), softer=())
        for part in ("audio", "schedules"):
            shutil.copytree(sample / part, folder / part)
        copy = cls(folder=folder, station=station, ports=ports)
        copy._write(station.voices)
        return copy

    def clear_the_air(self, now: datetime) -> list[Programme]:
        """Leave out the programmes that may sound just now, and give them."""
        near = Spell(begin=now - _LONGEST, end=now + _SOON)
        programmes = read_schedules(self.folder, self.station).programmes
        in_the_way = [each for each in programmes if occurrences(each, self.station.timezone, near)]
        for programme in in_the_way:
            (self.folder / "schedules" / f"{programme.id}.toml").unlink()
        return in_the_way

    def try_voices(self, words: str) -> tuple[str, list[str]]:
        """Have `words` spoken, and put the voice that did first; its name, and why not those before it.

        What it spoke is in the station's cache. Raises DemoFailed when none can speak.
        """
        silent: list[str] = []
        for name in self.station.voices:
            why = self._silence_of(name, words)
            if why is None:
                if silent:
                    self._write((name, *(other for other in self.station.voices if other != name)))
                return name, silent
            silent.append(why)
        raise DemoFailed(f"no voice can speak. {'; '.join(silent)}")

    def _silence_of(self, voice: str, words: str) -> str | None:
        """Why that voice does not speak within `_PATIENCE`; None when it did."""
        voices, language = StationFolder(self.folder).voices, self.station.language
        outcome: SimpleQueue[str | None] = SimpleQueue()

        def speak() -> None:
            try:
                voices.speak(reading(words, language), language, voice)
                outcome.put(None)
            except NoVoice as fault:
                outcome.put("; ".join(fault.reasons))
            except OSError as fault:
                outcome.put(f"{voice}: {fault}")

        Thread(target=speak, name=f"trying {voice}", daemon=True).start()  # it may take a minute to give up
        try:
            return outcome.get(timeout=_PATIENCE)
        except Empty:
            return f"{voice}: it does not answer within {_PATIENCE:g} s"

    def _write(self, voices: tuple[str, ...]) -> None:
        station, (broker, hub, panel) = self.station, self.ports
        lines = [
            f"id = {_toml(station.id)}",
            f"name = {_toml(station.name)}",
            f"timezone = {_toml(station.timezone.key)}",
            f"language = {_toml(station.language)}",
            f"voices = {_toml(voices)}",
            f"approval = {_toml(station.approval)}",
            f"[broker]\nport = {broker}\n[hub]\nport = {hub}\n[panel]\nport = {panel}",
        ]
        for zone in station.zones:
            lines.append(f"[[zone]]\nid = {_toml(zone.id)}\nname = {_toml(zone.name)}")
            if zone.parent is not None:
                lines.append(f"parent = {_toml(zone.parent)}")
            if zone.languages:
                lines.append(f"languages = {_toml(zone.languages)}")
        write_whole(self.folder / "station.toml", "\n".join([*lines, ""]).encode())


def _toml(value: str | bool | tuple[str, ...]) -> str:
    """A text, a yes or no, or a list of texts: TOML writes them as JSON does."""
    return json.dumps(value, ensure_ascii=False)
