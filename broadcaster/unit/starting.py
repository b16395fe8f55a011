"""How a unit starts: its home, its speaker, joining a station the first time, then the agent.

This is what the command line calls; everything it needs to know is an argument.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from pathlib import Path

from broadcaster.files import one_only
from broadcaster.link.connection import UnitLink
from broadcaster.unit.agent import Agent
from broadcaster.unit.clock import UnitClock
from broadcaster.unit.home import Member, UnitHome
from broadcaster.unit.joining import join
from broadcaster.unit.speaker import Copied, NoSpeaker, Speaker, WavSpeaker

__all__ = ["NotJoined", "run"]


def run(
    folder: Path,
    *,
    hub_url: str | None,
    name: str | None,
    speaker: str,
    what: str | None,
    copy: Path | None,
    tell: Callable[[str], None],
) -> int:
    """Run the unit whose home is `folder`, joining a station first if it belongs to none; its exit code.

    `speaker`: `auto`, `device` (then `what` is its name) or `wav` (then `what` is a file). Raises NoSpeaker,
    NotJoined, AlreadyRunning, KeyTrouble, OSError.
    """
    home = UnitHome(folder)
    with one_only(folder / "unit.lock", f"the unit in {folder}"):
        return asyncio.run(_run(home, hub_url, name, _speaker(speaker, what, copy), tell))


class NotJoined(Exception):
    """The unit belongs to no station and was not told where to knock."""


async def _run(
    home: UnitHome, hub_url: str | None, name: str | None, speaker: Speaker, tell: Callable[[str], None]
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
    await Agent(home, member, settings, speaker, link=link, clock=UnitClock(home.time_file)).run(stop)
    return 0


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


def _speaker(kind: str, what: str | None, copy: Path | None) -> Speaker:
    if kind == "wav" and what is not None:
        return WavSpeaker(Path(what))
    try:
        from broadcaster.unit.soundcard import SoundCard, default_output
    except (ImportError, OSError) as fault:
        raise NoSpeaker(
            f"sound cards cannot be used here ({fault}): install PortAudio (Debian: libportaudio2), run "
            "make setup in the program's folder, or say --speaker wav FILE"
        ) from fault
    wanted = what if kind == "device" else default_output()
    if wanted is None and copy is not None:
        return WavSpeaker(copy)
    if wanted is None:
        raise NoSpeaker("there is no sound card here: plug one in, or say --speaker wav FILE")
    card = SoundCard(wanted)
    return card if copy is None else Copied(card, copy)
