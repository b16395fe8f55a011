"""How a unit starts: its home, its speaker, joining a station the first time, then the agent.

This is what the command line calls; everything it needs to know is an argument.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from pathlib import Path

from broadcaster.files import one_only
from broadcaster.horn.amplifier import Amplified, Amplifier
from broadcaster.horn.player import Player
from broadcaster.horn.relay import GpioRelay
from broadcaster.horn.source import Opener
from broadcaster.horn.speaker import Copied, NoSpeaker, Speaker, WavSpeaker
from broadcaster.horn.standin import OrStandIn, answering, is_back
from broadcaster.link.connection import UnitLink
from broadcaster.unit.agent import Agent
from broadcaster.unit.clock import UnitClock
from broadcaster.unit.home import Member, UnitHome
from broadcaster.unit.joining import join

__all__ = ["NotJoined", "Switched", "run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """The relay of an amplifier: its `pin`, and how long before and after the sound it is closed."""

    pin: str
    lead: timedelta
    hold: timedelta


def run(
    folder: Path,
    *,
    hub_url: str | None,
    name: str | None,
    speaker: str,
    what: str | None,
    copy: Path | None,
    amplifier: Switched | None,
    cache: int | None,
    buffer: timedelta | None,
    tell: Callable[[str], None],
) -> int:
    """Run the unit whose home is `folder`, joining a station first if it belongs to none; its exit code.

    `speaker`: `auto`, `device` (then `what` is its name) or `wav` (then `what` is a file). `amplifier` is
    None where nothing has to be switched. `cache`: bytes of clips at most, `buffer`: sound in the
    card's own buffer, if somebody set them.
    Raises NoSpeaker, NotJoined, AlreadyRunning, KeyTrouble, OSError.
    """
    home = UnitHome(folder, cache=cache)
    with one_only(folder / "unit.lock", f"the unit in {folder}"):
        home.clear_unfinished()
        return asyncio.run(_run(home, hub_url, name, _speaker(speaker, what, copy, buffer), amplifier, tell))


class NotJoined(Exception):
    """The unit belongs to no station and was not told where to knock."""


async def _run(
    home: UnitHome,
    hub_url: str | None,
    name: str | None,
    speaker: Speaker,
    amplifier: Switched | None,
    tell: Callable[[str], None],
) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    member, settings = home.member(), home.settings()
    if member is None or settings is None:
        if hub_url is None:
            raise NotJoined(
                "this unit belongs to no station yet: start it once with --hub http://ADDRESS:PORT"
            )
        wish = name or os.uname().nodename
        joining = join(home, hub_url, name=wish, software=version("village-broadcaster"), tell=tell)
        member = await _unless(stop, joining)
        settings = home.settings()
    if member is None or settings is None:
        return 0
    link = UnitLink(member.broker, home.identity, member.station, member.unit)
    clock = UnitClock(home.time_file)
    agent = Agent(home, member, settings, speaker, link=link, clock=clock, player=_player(amplifier))
    await agent.run(stop)
    return 0


def _player(amplifier: Switched | None) -> Callable[[Speaker, UnitClock, Opener], Player]:
    if amplifier is None:
        return Player

    def behind(speaker: Speaker, clock: UnitClock, opener: Opener) -> Player:
        switch = Amplifier(GpioRelay(amplifier.pin), clock, lead=amplifier.lead, hold=amplifier.hold)
        return Amplified(speaker, clock, opener, amplifier=switch)

    return behind


async def _unless(stop: asyncio.Event, work: Awaitable[Member]) -> Member | None:
    """The outcome of `work`, or None if we are told to stop before."""
    working = asyncio.ensure_future(work)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if working.done():
        return working.result()
    working.cancel()
    return None


def _speaker(kind: str, what: str | None, copy: Path | None, buffer: timedelta | None) -> Speaker:
    if kind == "wav" and what is not None:
        return WavSpeaker(Path(what))
    with answering():
        card = _card(what if kind == "device" else None, buffer)
    if card is None and copy is not None:
        return WavSpeaker(copy)
    if card is None:
        raise NoSpeaker("there is no sound card here: plug one in, or say --speaker wav FILE")
    return card if copy is None else Copied(card, copy)


def _card(wanted: str | None, buffer: timedelta | None) -> Speaker | None:
    """The device of that name, the system's own if none is named; None where there is none at all."""
    try:
        from broadcaster.horn.soundcard import SoundCard, default_output, outputs
    except (ImportError, OSError) as fault:
        raise NoSpeaker(
            f"sound cards cannot be used here ({fault}): install PortAudio (Debian: libportaudio2), run "
            "make setup in the program's folder, or say --speaker wav FILE"
        ) from fault
    default = default_output()
    wanted = wanted or default
    if wanted is None:
        return None
    others = outputs() if default is None else [default, *outputs()]
    way = SoundCard if buffer is None else partial(SoundCard, latency=buffer.total_seconds())
    return OrStandIn(wanted, others, way=way, is_back=is_back)
