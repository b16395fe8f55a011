"""What a person sees before an alert or a drill goes out: exactly where, exactly what, and over what.

A tap that was held back is refused here (`in_time`): nothing that is hours old may sound.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import request

from broadcaster.desk import BadEntry, Scope, Verb, scope_of
from broadcaster.desk.board import OnAir, UnitReport
from broadcaster.domain.alert import AlertTemplate, Message, Status
from broadcaster.domain.alertsounds import languages_of, sounds_of
from broadcaster.domain.health import Wellness
from broadcaster.domain.names import ZoneId
from broadcaster.domain.people import Person
from broadcaster.domain.places import EVERYWHERE, Station
from broadcaster.domain.programme import Chime, Playable, Spoken
from broadcaster.hub.preparation import CannotMake, Product
from web.alerts import scope_words
from web.pages import as_said
from web.refusals import cannot_make
from web.session import board, here, me, present, previews

__all__ = [
    "PATIENCE",
    "Piece",
    "Reach",
    "asked_places",
    "in_time",
    "may_reach",
    "pieces",
    "place_options",
    "reach",
    "sounds",
    "whole",
]

PATIENCE = timedelta(seconds=10)
"""After so long a phone tells its holder that it was not sent; what arrives later is not done."""

_UPLOADING = timedelta(seconds=60)
"""The same for a recording, which takes its time on a slow link. As in send.js and the forms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One thing that will sound: its words as they will be said (empty for a signal or a recording), and its
    sound, or why there is none yet (`mute` empty: it is being made)."""

    sound: Playable
    said: str
    product: Product | None
    mute: str = ""

    @property
    def is_signal(self) -> bool:
        return isinstance(self.sound, Chime)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Where it would sound: `units` there, of them `reachable`; `on_air` is what it would interrupt; `words`
    is how its button names the scope."""

    zones: tuple[str, ...]
    units: int
    reachable: int
    lost: tuple[str, ...]
    on_air: tuple[OnAir, ...]
    words: str


def in_time() -> None:
    """Refuse a tap that is older than its own page would wait for an answer. Raises BadEntry too-late.

    `opened` is when the page was made, by this machine's clock; `age` how long it was open at the tap, by the
    phone's. Without a script there is no age, and the browser itself shows that it waits.
    """
    age, opened = request.form.get("age", ""), request.form.get("opened", "")
    if not age or not opened:
        return
    known = age.isdecimal() and opened.isdecimal() and len(age + opened) < 40
    tapped = timedelta(milliseconds=int(opened) + int(age) if known else 0)
    now = timedelta(seconds=present().timestamp())
    if now - tapped > (_UPLOADING if request.files else PATIENCE):
        raise BadEntry("id", "this was sent too long ago", "tap again", code="too-late")


def may_reach(person: Person, station: Station, verb: Verb) -> frozenset[ZoneId]:
    """The zones in which the person may raise alerts, or hold drills."""
    if scope_of(person, verb) is Scope.ALL:
        return station.reach([EVERYWHERE])
    if scope_of(person, verb) is Scope.NONE:
        return frozenset()
    known = {EVERYWHERE, *(zone.id for zone in station.zones)}
    return station.reach(zone for zone in person.alert_zones if zone in known)


def asked_places(otherwise: Iterable[str], verb: Verb, asked: Sequence[str] = ()) -> tuple[str, ...]:
    """The places in the form or address (`?noi=thon-ben`), or `otherwise`: as far as this person's right
    reaches; written as people write them."""
    station, mine = here(), may_reach(me(), here(), verb)
    known = {EVERYWHERE, *(zone.id for zone in station.zones)}
    wanted = [zone for zone in asked if zone in known] or [zone for zone in otherwise if zone in known]
    if station.reach(wanted) <= mine:
        return tuple(dict.fromkeys(wanted))
    reached = station.reach(wanted) & mine
    return tuple(zone.id for zone in station.zones if zone.id in reached)


def place_options(verb: Verb) -> list[tuple[str, str, int]]:
    """What can be chosen with one tap: value, name and number of units."""
    station = here()
    mine = may_reach(me(), station, verb)
    homes = [report.joined.unit.zone for report in board().units(present())]
    found = [
        (zone.id, zone.name, sum(home in station.reach([zone.id]) for home in homes))
        for zone in station.zones
        if zone.id in mine and station.reach([zone.id]) != station.reach([EVERYWHERE])
    ]
    whole = [(EVERYWHERE, "Toàn xã", len(homes))] if mine == station.reach([EVERYWHERE]) else []
    return [*whole, *found]


def reach(zones: Sequence[str]) -> Reach:
    """Who would hear it, as it stands now."""
    station, wall = here(), board()
    reports = wall.units(present())
    reached = station.reach(zones) if zones else frozenset()
    there = [report for report in reports if report.joined.unit.zone in reached]
    lost = [report for report in there if not _reachable(report)]
    return Reach(
        zones=tuple(zones),
        units=len(there),
        reachable=len(there) - len(lost),
        lost=tuple(report.joined.unit.name for report in lost),
        on_air=tuple(air for air in wall.on_air(reports) if air.zones & reached),
        words=scope_words(zones, station, len(there)),
    )


def sounds(
    template: AlertTemplate, zones: Iterable[str], status: Status, message: Message = Message.ALERT
) -> tuple[Playable, ...]:
    """All that is heard somewhere in `zones`, each once, as it follows one another there."""
    station = here()
    spoken = dict.fromkeys(languages_of(station, zone) for zone in sorted(station.reach(zones)))
    rounds = (sounds_of(template, message, status, languages, station.language) for languages in spoken)
    return tuple(dict.fromkeys(sound for sounds in rounds for sound in sounds))


def pieces(items: Iterable[Playable]) -> list[Piece]:
    """Each with its sound; what is not made yet is begun."""
    return [_piece(item) for item in items]


def _piece(item: Playable) -> Piece:
    said = as_said(item.words, item.language or here().language) if isinstance(item, Spoken) else ""
    try:
        return Piece(sound=item, said=said, product=previews().ask(item))
    except CannotMake as fault:
        return Piece(sound=item, said=said, product=None, mute=cannot_make(fault))


def _reachable(report: UnitReport) -> bool:
    return report.health.wellness is not Wellness.LOST


def whole(text: str) -> int | None:
    """The whole number a form carries; None for what is none, or has more digits than anything here takes."""
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else None


_DIGITS = 6
