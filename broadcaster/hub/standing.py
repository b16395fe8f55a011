"""What lies ready on the units for alerts, whatever is planned: every sound of every template, and what an
alert without one needs.

Laws
1. It is made as soon as a template is saved, and lies on the units of every zone in its languages.
2. A template comes into a plan as a whole, when all of it is made that can be: each plan is paid for by SIM
   cards. What cannot be made keeps nothing else off the units, and is told (`Laid.unmade`).
3. The same sounds lie there since the same plan, whatever else plans say since (`Laid.revision`).
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from broadcaster.domain.alert import AlertTemplate
from broadcaster.domain.alertsounds import every_sound, general_sounds, languages_of
from broadcaster.domain.names import ZoneId
from broadcaster.domain.places import EVERYWHERE, Station
from broadcaster.domain.plan import Clip, Plan
from broadcaster.domain.programme import Playable
from broadcaster.domain.readiness import Laid
from broadcaster.hub.planning import Missing, Pending, Ready, called

__all__ = ["kept", "lying", "standing"]

Lookup = Callable[[Playable], Ready]


def standing(station: Station, templates: Iterable[AlertTemplate]) -> tuple[Playable, ...]:
    """All that is to be made, each sound once: an alert may be raised for other zones than its own."""
    zones = station.reach([EVERYWHERE])
    languages = sorted({languages_of(station, zone) for zone in zones})
    groups = (every_sound(each, spoken, station.language) for each in templates for spoken in languages)
    sounds = (sound for group in groups for sound in group)
    return tuple(dict.fromkeys((*general_sounds(station.language), *sounds)))


def kept(
    station: Station, zone: ZoneId, templates: Iterable[AlertTemplate], lookup: Lookup
) -> tuple[Playable, ...]:
    """What the units of `zone` are to have now: law 2."""
    spoken = languages_of(station, zone)
    groups = [every_sound(template, spoken, station.language) for template in templates]
    whole = (
        group
        for group in (general_sounds(station.language), *groups)
        if not any(isinstance(lookup(sound), Pending) for sound in group)
    )
    return tuple(dict.fromkeys(sound for group in whole for sound in group))


def lying(
    station: Station,
    plans: Iterable[Plan],
    templates: Iterable[AlertTemplate],
    lookup: Lookup,
    before: Iterable[Laid],
    now: datetime,
) -> tuple[Laid, ...]:
    """What the plans in force hold of each template; `before`: what was said of it last."""
    known, known_before = tuple(templates), {(each.zone, each.template): each for each in before}
    return tuple(
        _since(_lying(station, plan, template, lookup, now), known_before.get((plan.zone, template.id)))
        for plan in plans
        for template in known
    )


def _lying(station: Station, plan: Plan, template: AlertTemplate, lookup: Lookup, now: datetime) -> Laid:
    sounds = every_sound(template, languages_of(station, plan.zone), station.language)
    found = {sound: lookup(sound) for sound in sounds}
    clips = tuple(dict.fromkeys(one.id for one in found.values() if isinstance(one, Clip)))
    pending = sum(isinstance(one, Pending) for one in found.values())
    return Laid(
        template=template.id,
        zone=plan.zone,
        clips=clips,
        revision=plan.revision,
        at=now,
        pending=pending or len(set(clips) - plan.clips),
        unmade=tuple(
            f"{called(sound)}: {one.why}" for sound, one in found.items() if isinstance(one, Missing)
        ),
    )


def _since(laid: Laid, before: Laid | None) -> Laid:
    """Law 3."""
    if before is None or before.clips != laid.clips or before.pending != laid.pending:
        return laid
    return replace(laid, revision=before.revision, at=before.at)
