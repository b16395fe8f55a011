"""Which clips one round of an alert is, in each zone, from what is ready at this moment.

Laws
1. What is not ready is left out and named; as long as anything is ready, that sounds.
2. What people typed or recorded replaces the words of the template, never its signal. While it is not there
   the template's words stand in for it.
3. A drill sounds nowhere without the words that say so (`orders`, law 1).
"""

from collections.abc import Callable, Iterator

from broadcaster.domain.alert import Alert, AlertTemplate, Status
from broadcaster.domain.alertsounds import (
    ALERT_SIGNAL,
    drill_sentences,
    languages_of,
    signal_of,
    sounds_of,
)
from broadcaster.domain.names import ClipId, UnitId, ZoneId
from broadcaster.domain.plan import Clip
from broadcaster.domain.programme import Playable, Recorded, Spoken
from broadcaster.hub.airing import Airing
from broadcaster.hub.alerts.orders import Refused, Sounding, check_drill, known_zones, soundings
from broadcaster.hub.alerts.ownsounds import OwnSounds
from broadcaster.hub.folders import Reading
from broadcaster.hub.planning import Missing, Pending, Ready, called

__all__ = ["AlertClips"]

WORDS_FOLLOW = "its own words were not ready in time: the signal went first, and they follow"
_NOBODY = "it was not sent: nobody it was meant for is part of this station any more"
_NOTHING = "it was not sent: none of its sounds is ready, not even a signal"


class AlertClips:
    """Answers from memory."""

    def __init__(
        self, *, reading: Reading, airing: Airing, lookup: Callable[[Playable], Ready], own: OwnSounds
    ) -> None:
        self._reading = reading
        self._airing = airing
        self._lookup = lookup
        self._own = own

    def own(self, alert: Alert) -> Spoken | Recorded | None:
        """What it says that no template has; None for nothing, or for what is laid on the units already."""
        said = self._said(alert)
        return None if said is None or isinstance(self._lookup(said), Clip) else said

    def lacks_own(self, alert: Alert) -> bool:
        """Whether its own words or recording are not there yet."""
        item = self.own(alert)
        return item is not None and self._own.clip(item) is None

    def is_pending(self, alert: Alert) -> bool:
        """Whether some of its sound is still being made."""
        if self.lacks_own(alert):
            return True
        zones = self._zones(alert)
        return any(
            isinstance(self._find(item), Pending) for zone in zones for item in self._items(alert, zone)
        )

    def told(self, alert: Alert) -> tuple[tuple[Sounding, ...], str]:
        """Who hears which clips, and what was left out, in words for people (empty for nothing). Raises
        Refused."""
        zones = {unit: member.zone for unit, member in self._airing.units.items()}
        if not self._zones(alert):
            raise Refused(_NOBODY)
        left_out: dict[str, None] = {}
        refused: list[str] = []

        def clips_in(zone: ZoneId) -> tuple[Clip, ...]:
            clips = tuple(self._clips(alert, zone, left_out))
            try:
                check_drill(alert, clips, self._drill_words())
            except Refused as fault:
                if alert.status is Status.ACTUAL:
                    raise
                refused.append(str(fault))
                return ()
            return clips

        told = soundings(alert, self._reading.station, zones, clips_in)
        if not told:
            raise Refused(refused[0] if refused else _NOTHING)
        late = [WORDS_FOLLOW] if self.lacks_own(alert) else []
        unknown = [f"{unit} is no unit of this station" for unit in alert.units if unit not in zones]
        return told, "; ".join([*late, *left_out, *unknown])

    def sound(self, clip: Clip) -> bytes | None:
        """The bytes of a clip that travels inside its order."""
        return self._own.sound(clip.id)

    def _zones(self, alert: Alert) -> frozenset[ZoneId]:
        if not alert.units:
            return known_zones(self._reading.station, alert.zones)
        members = self._airing.units
        return frozenset(members[UnitId(unit)].zone for unit in alert.units if unit in members)

    def _clips(self, alert: Alert, zone: ZoneId, left_out: dict[str, None]) -> Iterator[Clip]:
        for item in self._items(alert, zone):
            match self._find(item):
                case Clip() as clip:
                    yield clip
                case Pending():
                    left_out[f"left out: {called(item)}: it was not made yet"] = None
                case Missing(why=why):
                    left_out[f"left out: {called(item)}: {why}"] = None

    def _items(self, alert: Alert, zone: ZoneId) -> tuple[Playable, ...]:
        """What is meant there, item by item."""
        station, template = self._reading.station, self._template(alert)
        own = self._said(alert)
        if own is not None and not self.lacks_own(alert):
            return (signal_of(template, alert.message), own)
        if template is None:
            return (signal_of(None, alert.message),)
        languages = languages_of(station, zone)
        return sounds_of(template, alert.message, alert.status, languages, station.language) or (
            ALERT_SIGNAL,
        )

    def _said(self, alert: Alert) -> Spoken | Recorded | None:
        """Its own words or recording, laid or not."""
        if alert.recording is not None:
            return Recorded(path=alert.recording)
        if alert.words is None:
            return None
        try:
            return Spoken(words=alert.words, language=alert.language or self._reading.station.language)
        except ValueError:  # nothing that can be said: the signal sounds
            return None

    def _find(self, item: Playable) -> Ready:
        own = self._own.clip(item) if isinstance(item, Spoken | Recorded) else None
        return own or self._lookup(item)

    def _template(self, alert: Alert) -> AlertTemplate | None:
        return None if alert.template is None else self._reading.alerts.get(alert.template)

    def _drill_words(self) -> frozenset[ClipId]:
        found = (self._lookup(sentence) for sentence in drill_sentences())
        return frozenset(clip.id for clip in found if isinstance(clip, Clip))
