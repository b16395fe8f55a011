"""What every command does the same: opening the station, telling faults in one sentence, printing tables."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from broadcaster.station import StationFolder

__all__ = ["local", "opened", "plainly", "printed_table", "when"]


@contextmanager
def plainly(*faults: type[Exception]) -> Iterator[None]:
    """Turn these, and what the system refuses, into one sentence and exit code 1; a fault of ours keeps its
    traceback."""
    told: tuple[type[Exception], ...] = (*faults, OSError)
    try:
        yield
    except told as fault:
        raise click.ClickException(_sentence(fault)) from fault


def _sentence(fault: Exception) -> str:
    """What went wrong, without the system's numbers."""
    if isinstance(fault, OSError) and fault.strerror and fault.filename:
        return f"{fault.filename}: {fault.strerror}"
    return str(fault)


@contextmanager
def opened(folder: Path) -> Iterator["StationFolder"]:
    """The station folder, opened. What goes wrong with it, and what people can mend, is told plainly."""
    from broadcaster.desk import DeskFault
    from broadcaster.files import AlreadyRunning
    from broadcaster.folder import BadFolder
    from broadcaster.hub.clips import CannotListen
    from broadcaster.hub.preparation import CannotMake
    from broadcaster.link.broker import BrokerTrouble
    from broadcaster.link.identity import KeyTrouble
    from broadcaster.sound.faults import BadSound, NoRoom
    from broadcaster.speech.engines import UnknownVoice
    from broadcaster.station import NoStation, StationFolder
    from broadcaster.store import StoreFault

    with plainly(
        AlreadyRunning,
        BadFolder,
        BadSound,
        BrokerTrouble,
        CannotListen,
        CannotMake,
        DeskFault,
        KeyTrouble,
        NoRoom,
        NoStation,
        StoreFault,
        UnknownVoice,
    ):
        yield StationFolder(folder)


def local(moment: datetime, timezone: "ZoneInfo") -> str:
    """An instant as the station's people write it."""
    return moment.astimezone(timezone).strftime("%d/%m %H:%M:%S")


def when(text: str, now: datetime, timezone: "ZoneInfo") -> datetime:
    """An instant from `HH:MM[:SS]` (the next one) or `YYYY-MM-DD HH:MM[:SS]`, in station time."""
    from datetime import UTC, time, timedelta

    from broadcaster.domain.instants import to_utc

    typed = text.strip().replace("T", " ")
    try:
        if "-" in typed:
            moment = datetime.fromisoformat(typed)
            return moment.astimezone(UTC) if moment.tzinfo else to_utc(moment, timezone)
        today = now.astimezone(timezone).date()
        at = time.fromisoformat(typed)
        first = to_utc(datetime.combine(today, at), timezone)
        return first if first > now else to_utc(datetime.combine(today + timedelta(days=1), at), timezone)
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is no time: write HH:MM, or YYYY-MM-DD HH:MM, in the station's time"
        ) from None


def printed_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under titles, each column as wide as its widest cell."""
    widths = [max(len(row[i]) for row in (titles, *rows)) for i in range(len(titles))]
    for row in (titles, ["-" * width for width in widths], *rows):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
