"""Who is ready for which alert, and why the others are not.

Laws
1. A unit is ready for a template when every sound of it that its zone needs has been made, lies on the unit
   whole, and the unit can be reached now. Whoever may not be ready is told as not ready.
2. What a unit said itself, asked by the last test, counts before what can be told from its plan; but only
   what was said after the sounds were laid.
3. A silent unit is not ready, whatever lies on it: nobody could tell it to sound.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from broadcaster.domain.alert import AlertTemplate
from broadcaster.domain.names import AlertId, ClipId, UnitId, ZoneId

__all__ = ["Answer", "Lack", "Laid", "Readiness", "Standing", "Unready", "ready"]

_NEW = timedelta(seconds=30)
"""How long a test may be unanswered before that says something."""


class Lack(StrEnum):
    """Why a unit is not ready."""

    SILENT = "silent"  # not heard of
    UNMADE = "unmade"  # a sound could not be made yet, or not at all
    NOT_LAID = "not-laid"  # the unit does not go by a plan that names the sounds
    FETCHING = "fetching"  # clips of its plan are not there yet
    LACKING = "lacking"  # asked, it said that clips are not there whole
    UNFIT = "unfit"  # asked, it said what else is wrong
    UNANSWERED = "unanswered"  # asked, it said nothing, though it lives


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """What the plan of one zone holds of one template.

    clips: all its sounds that are made. revision: the plan since which they lie in it. at: when that was.
    unmade: what could not be made, in words for staff; then, and while some are being made (`pending`), they
    are not in the plan as a whole.
    """

    template: AlertId
    zone: ZoneId
    clips: tuple[ClipId, ...] = ()
    revision: int
    at: datetime
    pending: int = 0
    unmade: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of the newest test of a unit, which was asked `asked`. `received` None: it did not answer.
    `lacks` clips are not there; `why` it is not well, empty when it is."""

    asked: datetime
    received: datetime | None = None
    lacks: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A unit as it is known. `reachable`: it was heard of lately (`health`). `plan`: the revision it goes by,
    0 for none. `missing`: clips of that which it does not have."""

    unit: UnitId
    zone: ZoneId
    reachable: bool
    plan: int = 0
    missing: int = 0
    answer: Answer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unready:
    """A unit that may not sound it, and why; `words` more closely, for staff, often empty."""

    unit: UnitId
    lack: Lack
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Of one template: the units of its zones that are ready, and those that are not."""

    template: AlertId
    ready: tuple[UnitId, ...]
    unready: tuple[Unready, ...]

    @property
    def of(self) -> int:
        """How many there are."""
        return len(self.ready) + len(self.unready)


def ready(
    template: AlertTemplate,
    zones: Iterable[ZoneId],
    laid: Iterable[Laid],
    units: Iterable[Standing],
    now: datetime,
) -> Readiness:
    """Who of the units in `zones` (the template's, spread out by `Station.reach`) is ready for it."""
    reached = frozenset(zones)
    lies = {each.zone: each for each in laid if each.template == template.id}
    known = sorted((one for one in units if one.zone in reached), key=lambda one: one.unit)
    lacks = {one.unit: _lack(one, lies, now) for one in known}
    return Readiness(
        template=template.id,
        ready=tuple(unit for unit, unready in lacks.items() if unready is None),
        unready=tuple(unready for unready in lacks.values() if unready is not None),
    )


def _lack(unit: Standing, lies: Mapping[ZoneId, Laid], now: datetime) -> Unready | None:
    """What stands in the way, the gravest first."""

    def is_not(lack: Lack, words: str = "") -> Unready:
        return Unready(unit=unit.unit, lack=lack, words=words)

    if not unit.reachable:
        return is_not(Lack.SILENT)
    laid = lies.get(unit.zone)
    if laid is None or laid.pending or laid.unmade:
        return is_not(Lack.UNMADE, "" if laid is None else "; ".join(laid.unmade))
    answer = unit.answer
    if answer is not None and answer.received is not None and answer.why:
        return is_not(Lack.UNFIT, answer.why)
    if answer is not None and answer.asked >= laid.at:
        if answer.received is None and now - answer.asked > _NEW:
            return is_not(Lack.UNANSWERED)
        if answer.received is not None:
            return is_not(Lack.LACKING, str(answer.lacks)) if answer.lacks else None
    if unit.plan < laid.revision:
        return is_not(Lack.NOT_LAID)
    return is_not(Lack.FETCHING, str(unit.missing)) if unit.missing else None
