"""`alert`: raising one from this terminal, taking it back, ending it, seeing who heard it; drills, tests."""

import json
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from broadcaster.cli.alertcounting import count_down, told
from broadcaster.cli.base import opened, printed_table, when
from broadcaster.cli.lengths import Length

if TYPE_CHECKING:
    from broadcaster.domain.alert import Alert
    from broadcaster.station import StationFolder

__all__ = ["alert"]

_ZONES = click.option("--zones", metavar="Z[,Z…]", help="Zone ids, or all; the template's if left out.")
_EVERY = click.option("--every", type=Length(), help="All rounds again at this distance, like 10m.")
_UNTIL = click.option(
    "--until", metavar="TIME", help="Until when, HH:MM or YYYY-MM-DD HH:MM in station time."
)
_NO_WAIT = click.option("--no-wait", is_flag=True, help="Leave at once; the hub counts down by itself.")
_ID = click.argument("alert_id", metavar="[ID]", required=False)


@click.group()
def alert() -> None:
    """An emergency on every horn within seconds; drills; whether units are ready.

    ID may be left out where only one alert is going on.
    """


@alert.command()
@click.pass_obj
def templates(folder: Path) -> None:
    """Show what is made ready, and how many units are ready for it."""
    from broadcaster import clock
    from broadcaster.cli.alertshow import unready_in_words
    from broadcaster.desk.alertboard import AlertBoard
    from broadcaster.desk.board import Board

    with opened(folder) as station:
        reports = Board(station.store, station.current).units(clock.now())
        found = AlertBoard(station.store, station.current).readiness(reports, clock.now())
    rows = [
        [
            each.template.id,
            each.template.title,
            each.template.hazard.value,
            ", ".join(each.template.zones),
            "yes" if each.template.second_person else "no",
            f"{len(each.readiness.ready)} of {each.readiness.of}",
            unready_in_words(each.readiness.unready) or "-",
        ]
        for each in found
    ]
    printed_table(["template", "title", "hazard", "zones", "second person", "ready", "not ready"], rows)


@alert.command("raise")
@click.argument("template", required=False)
@click.option("--words", help="Say these instead of the template's words, or without any template.")
@click.option("--recording", metavar="PATH", help="Play this instead, a path below audio/.")
@click.option("--title", help="What it is called; the template's, or the first words, if left out.")
@click.option("--language", help="What language the words are in; the station's if left out.")
@_ZONES
@click.option("--repeats", type=int, help="How many times; the template's if left out.")
@_EVERY
@_UNTIL
@click.option("--expires", metavar="TIME", help="From when on nobody sounds it any more.")
@click.option("--anyway", is_flag=True, help="Though somebody else has just raised the same.")
@_NO_WAIT
@click.pass_obj
def raise_(
    folder: Path,
    template: str | None,
    zones: str | None,
    until: str | None,
    expires: str | None,
    no_wait: bool,
    words: str | None,
    recording: str | None,
    title: str | None,
    language: str | None,
    repeats: int | None,
    every: timedelta | None,
    anyway: bool,
) -> None:
    """Raise the alert of TEMPLATE, or of --words. Five seconds in which Ctrl-C takes it back, then every
    horn of its zones sounds it."""
    with opened(folder) as station:
        id = f"kc-{(template or 'loi')[:30].strip('-')}-{secrets.token_hex(3)}"
        done = station.desk.raise_alert(
            station.desk.local_admin(),
            id=id,
            template=template,
            zones=_listed(zones),
            until=_when(station, until),
            expires=_when(station, expires),
            words=words,
            recording=recording,
            title=title,
            language=language,
            repeats=repeats,
            every=every,
            anyway=anyway,
        )
        count_down(station, done, no_wait)


@alert.command()
@click.argument("template")
@_ZONES
@_NO_WAIT
@click.pass_obj
def drill(folder: Path, template: str, zones: str | None, no_wait: bool) -> None:
    """Practise the alert of TEMPLATE: once, within the allowed hours; its first words say that it is one."""
    with opened(folder) as station:
        id = f"dt-{template[:30].strip('-')}-{secrets.token_hex(3)}"
        done = station.desk.raise_drill(
            station.desk.local_admin(), id=id, template=template, zones=_listed(zones)
        )
        count_down(station, done, no_wait)


@alert.command()
@_ID
@_NO_WAIT
@click.pass_obj
def second(folder: Path, alert_id: str | None, no_wait: bool) -> None:
    """Say yes as the second person to the alert that waits for one."""
    with opened(folder) as station:
        meant = _meant(station, alert_id)
        done = station.desk.second_alert(station.desk.local_admin(), meant.id, meant.version)
        count_down(station, done, no_wait)


@alert.command()
@_ID
@click.pass_obj
def cancel(folder: Path, alert_id: str | None) -> None:
    """Take back what nobody has heard yet."""
    with opened(folder) as station:
        meant = _meant(station, alert_id)
        done = station.desk.cancel_alert(station.desk.local_admin(), meant.id, meant.version)
        told(station, done, f"Taken back: {done.alert.title}. Nothing sounds of it.")


@alert.command()
@_ID
@click.option("--template", help="What another template says.")
@click.option("--words", help="Other words.")
@click.option("--recording", metavar="PATH", help="A recording, a path below audio/.")
@_EVERY
@_UNTIL
@_NO_WAIT
@click.pass_obj
def update(
    folder: Path,
    alert_id: str | None,
    template: str | None,
    words: str | None,
    recording: str | None,
    every: timedelta | None,
    until: str | None,
    no_wait: bool,
) -> None:
    """Say other words instead, or repeat it at other times; replaces what sounds now."""
    with opened(folder) as station:
        meant = _meant(station, alert_id)
        done = station.desk.update_alert(
            station.desk.local_admin(),
            meant.id,
            based_on=meant.version,
            template=template,
            words=words,
            recording=recording,
            every=every,
            until=_when(station, until),
        )
        count_down(station, done, no_wait)


@alert.command()
@_ID
@click.option("--units", metavar="U[,U…]", help="Only on these units; everywhere if left out.")
@_NO_WAIT
@click.pass_obj
def again(folder: Path, alert_id: str | None, units: str | None, no_wait: bool) -> None:
    """Sound it once more, where it was missed."""
    with opened(folder) as station:
        meant = _meant(station, alert_id)
        done = station.desk.again(
            station.desk.local_admin(), meant.id, based_on=meant.version, units=_listed(units) or ()
        )
        count_down(station, done, no_wait)


@alert.command()
@_ID
@click.pass_obj
def stop(folder: Path, alert_id: str | None) -> None:
    """Silence it at once, everywhere, also on units that come back later."""
    with opened(folder) as station:
        meant = _meant(station, alert_id)
        done = station.desk.stop_alert(station.desk.local_admin(), meant.id, based_on=meant.version)
        told(station, done, f"Told to be silent: {meant.title}.")


@alert.command()
@_ID
@click.pass_obj
def correct(folder: Path, alert_id: str | None) -> None:
    """It was a mistake: say so at once, in the words that are ready for it."""
    with opened(folder) as station:
        meant = _meant(station, alert_id)
        done = station.desk.correct_alert(station.desk.local_admin(), meant.id, based_on=meant.version)
        told(station, done, f"Said to be a mistake: {meant.title}.")


@alert.command()
@_ID
@click.pass_obj
def clear(folder: Path, alert_id: str | None) -> None:
    """The danger is over: say so at once."""
    with opened(folder) as station:
        meant = _meant(station, alert_id)
        done = station.desk.all_clear(station.desk.local_admin(), meant.id, based_on=meant.version)
        told(station, done, f"Said to be over: {meant.title}.")


@alert.command()
@click.pass_obj
def test(folder: Path) -> None:
    """Ask every unit whether it is ready, without a sound; `templates` shows what they say."""
    with opened(folder) as station:
        found = station.desk.test_readiness(station.desk.local_admin(), id=f"kt-{secrets.token_hex(4)}")
        station.wake()
        click.echo(f"{len(found.units)} units are asked whether they are ready ({found.id}).")


@alert.command()
@_ID
@click.option("--json", "as_json", is_flag=True)
@click.option("--follow", is_flag=True, help="Go on telling until it is over.")
@click.pass_obj
def show(folder: Path, alert_id: str | None, as_json: bool, follow: bool) -> None:
    """Show what became of alerts; of one, unit by unit, if its ID is given."""
    from broadcaster.cli.alertshow import follow_one, plain, print_all, print_one, report_of, reports_of

    with opened(folder) as station:
        timezone = station.current.station.timezone
        if alert_id is None and not follow:
            reports = reports_of(station)
            if as_json:
                click.echo(json.dumps([plain(each) for each in reports], ensure_ascii=False, indent=1))
            else:
                print_all(reports, timezone)
            return
        id = alert_id or _meant(station, None).id
        if follow:
            follow_one(station, id)
        report = report_of(station, id)
        if as_json:
            click.echo(json.dumps(plain(report), ensure_ascii=False, indent=1))
        else:
            print_one(report, timezone)


def _listed(text: str | None) -> list[str] | None:
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]


def _when(station: "StationFolder", text: str | None) -> datetime | None:
    from broadcaster import clock

    return None if text is None else when(text, clock.now(), station.current.station.timezone)


def _meant(station: "StationFolder", id: str | None) -> "Alert":
    """The newest version that stands of that alert, or of the only one that is going on."""
    from broadcaster import clock
    from broadcaster.desk.alertreports import standing

    if id is not None:
        return standing(station.desk.needed(id))
    alerts, now = station.store.alerts, clock.now()
    ids = sorted({one.id for one in (*alerts.waiting(now), *alerts.in_force(now))})
    if len(ids) != 1:
        found = f"these are going on: {', '.join(ids)}" if ids else "none is going on"
        raise click.UsageError(f"say which alert: {found}")
    return standing(station.desk.needed(ids[0]))
