"""A whole unit in a process of its own, at high speed, to be killed at any moment: real files, real kill -9.

Its hub lives in the same process, so what that has committed is noted in a journal that no kill takes back.
"""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from broadcaster.domain.asrun import AsRunEntry
from broadcaster.domain.names import ClipId, UnitId
from broadcaster.domain.plan import PlannedCue
from broadcaster.domain.programme import LatePolicy
from broadcaster.link.envelope import HubKey
from broadcaster.link.messages import write
from broadcaster.unit.home import Member, UnitHome
from tests.unit.box import speech
from tests.unit.fakespeed import FakeSpeedLoop, at_fake_speed
from tests.unit.hubdoor import named
from tests.unit.pole import cue
from tests.unit.village import STATION, UNIT, Village

__all__ = ["EVERY", "Noted", "live", "member", "notes"]

EVERY = 2
"""Seconds from one cue to the next."""
_BEGAN = 1000.0
_KEY = HubKey(b"the hub of a village that lasts!")


class Noted(msgspec.Struct, kw_only=True):
    """A line of the journal: the second after noon, what the hub was told, what was opened and damaged."""

    second: float
    told: AsRunEntry | None = None
    damaged: str = ""


def member() -> Member:
    """The station it belongs to."""
    return Member(station=STATION, unit=UNIT, verify_key=str(_KEY.verify), broker="paper")


def notes(journal: Path) -> list[Noted]:
    """What was noted; a kill may leave half a line at the end of a life."""
    found = []
    for line in journal.read_bytes().splitlines() if journal.exists() else ():
        try:
            found.append(msgspec.json.decode(line, type=Noted, dec_hook=lambda kind, text: kind(text)))
        except msgspec.MsgspecError:
            continue
    return found


def live(folder: Path, scratch: Path, journal: Path, second: float, until: float, revision: int) -> None:
    """Be the unit in `folder` from `second` on, with that plan, and note it in `journal`."""
    noting = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    async def life(loop: FakeSpeedLoop) -> None:
        village = _Noting(loop, scratch, noting)
        village.key, village._folder = _KEY, folder
        village._noon, village.machine_started = _BEGAN, f"start {revision}"
        village._revision = revision
        UnitHome(folder).become(member(), village.settings)
        village.lay(*_cues(village, second))
        await village.hub_up()
        village.boot()
        _look_at_what_is_opened(village)
        while village.loop.time() - _BEGAN < until:
            village.note(Noted(second=village.loop.time() - _BEGAN))
            await asyncio.sleep(0.5)
        await village.over()

    at_fake_speed(life, began=_BEGAN + second)


class _Noting(Village):
    def __init__(self, loop: FakeSpeedLoop, scratch: Path, noting: int) -> None:
        super().__init__(loop, scratch)
        self._noting = noting

    def note(self, noted: Noted) -> None:
        os.write(self._noting, write(noted) + b"\n")

    async def _take(self, unit: UnitId, raw: bytes) -> bytes:
        before = len(self.told)
        answer = await super()._take(unit, raw)
        for entry in self.told[before:]:
            self.note(Noted(second=self.loop.time() - _BEGAN, told=entry))
        return answer


def _cues(village: Village, second: float) -> Iterator[PlannedCue]:
    """A cue every few seconds, some of whose clips have never been here."""
    for number in range(max(int(second / EVERY) - 10, 1), int(second / EVERY) + 20):
        clips = [village.clip(speech(0.2 + 0.01 * (n % 20), seed=n)) for n in (number, number + 100)]
        late = list(LatePolicy)[number % 3]
        yield cue(f"muc-{number}", EVERY * number, clips, late=late)


def _look_at_what_is_opened(village: _Noting) -> None:
    trust = village.agent._cache.trust

    def looked(clip: ClipId) -> Path:
        path = trust(clip)
        if named(path.read_bytes()) != clip:
            village.note(Noted(second=village.loop.time() - _BEGAN, damaged=clip))
        return path

    village.agent._cache.trust = looked  # type: ignore[method-assign]
