"""An alert between the command and the first horn: seconds counted down, taken back, sent or not."""

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from broadcaster.cli.base import local

if TYPE_CHECKING:
    from broadcaster.desk import AlertAct
    from broadcaster.domain.alert import Alert
    from broadcaster.station import StationFolder

__all__ = ["count_down", "told"]

_SENDS_WITHIN = timedelta(seconds=3)
"""After the countdown; a hub that runs has sent it by then."""

_LOOK_EVERY = 0.2


def told(station: "StationFolder", done: "AlertAct", words: str) -> None:
    """Wake the hub, and say what was done; also when the store did not take it."""
    station.wake()
    click.echo(words)
    if done.handed_over:
        click.echo(
            "The store takes nothing now (locked, or its disk is full); the hub has it all the same.",
            err=True,
        )
        station.desk.pay()


def count_down(station: "StationFolder", done: "AlertAct", no_wait: bool) -> None:
    """Tell the seconds until it is on air; Ctrl-C takes it back."""
    made, timezone = done.alert, station.current.station.timezone
    where = f"{', '.join(made.units or made.zones)} ({_units(station, made)})"
    if made.fires_at is None:
        told(station, done, f"{made.id}: {made.title} in {where}. Another person has to say yes:")
        click.echo(f"  broadcaster alert second {made.id}")
        return
    told(station, done, f"{made.id}: {made.title} in {where}, on air at {local(made.fires_at, timezone)}.")
    if no_wait:
        return
    try:
        _wait_for(made.fires_at)
    except KeyboardInterrupt:
        click.echo()
        back = station.desk.cancel_alert(station.desk.local_admin(), made.id, made.version)
        told(station, back, f"Taken back: {made.title}. Nothing sounds of it.")
        return
    if not done.handed_over:
        _tell_sent(station, made)


def _units(station: "StationFolder", made: "Alert") -> str:
    """How many units are to sound it."""
    zones = station.current.station.reach(made.zones)
    there = [joined for joined in station.store.units.all() if not joined.forbidden]
    count = len(made.units) or sum(joined.unit.zone in zones for joined in there)
    return f"{count} units" if count else "no unit is there: nobody will hear it"


def _wait_for(fires_at: datetime) -> None:
    from broadcaster import clock

    while (left := (fires_at - clock.now()).total_seconds()) > 0:
        click.echo(f"On air in {-int(-left // 1)} s; Ctrl-C takes it back.")
        time.sleep(min(left, left % 1 or 1))


def _tell_sent(station: "StationFolder", made: "Alert") -> None:
    """Say whether the hub has sent it. Raises ClickException when it has not."""
    from broadcaster import clock

    timezone = station.current.station.timezone
    end = clock.now() + _SENDS_WITHIN
    while clock.now() < end:
        found = station.store.alerts.find(made.id, made.version)
        if found is not None and found.cancelled:
            click.echo(f"Taken back by {found.cancelled_by}.")
            return
        if found is not None and found.trouble and found.sent is None:
            raise click.ClickException(f"it was not sent: {found.trouble}")
        if found is not None and found.start is not None:
            click.echo(f"On air since {local(found.start, timezone)}: broadcaster alert show {made.id}")
            return
        time.sleep(_LOOK_EVERY)
    raise click.ClickException(
        f"no hub has sent it; does one run? It sends it as soon as it runs, until "
        f"{local(made.expires, timezone)}; take it back with: broadcaster alert cancel {made.id}"
    )
