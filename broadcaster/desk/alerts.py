"""Raising an alert, practising one, saying it anew; a second person's yes, and taking back in time.

All return an `AlertAct`: the version that was made, or found when the same had been done already. Ids are
made by the client, so a double tap or a retry is one act. `based_on` is the version the person saw.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from broadcaster.desk import alertentries, entries
from broadcaster.desk.alertentries import DRILL_PREFIX, REAL_PREFIX
from broadcaster.desk.alertreports import standing
from broadcaster.desk.counter import Act, reached
from broadcaster.desk.faults import AlreadyRaised, BadEntry, ChangedMeanwhile, NotAllowed
from broadcaster.desk.handing import AlertAct, Decision, HandingCounter
from broadcaster.desk.rights import Verb
from broadcaster.desk.versions import (
    after_all,
    dated,
    made,
    next_version,
    real,
    same,
    says,
    settings_of,
    spoken,
    taken_back,
    title_of,
)
from broadcaster.domain.alert import (
    COUNTDOWN,
    DRILL,
    Alert,
    AlertTemplate,
    Message,
    Status,
)
from broadcaster.domain.names import AlertId, BadName, UnitId
from broadcaster.domain.people import Person
from broadcaster.folder.audio import BadAudio, find_recording

__all__ = ["AlertVerbs"]

_JUST_NOW = timedelta(minutes=10)
"""Within which the same alert raised by somebody else is most likely the same danger."""


class AlertVerbs(HandingCounter):
    """Verbs that make horns sound an alert. Those that end one: `alertends`."""

    def raise_alert(
        self,
        who: Person,
        *,
        id: str,
        template: str | None = None,
        words: str | None = None,
        recording: str | None = None,
        zones: Iterable[str] | None = None,
        title: str | None = None,
        language: str | None = None,
        repeats: int | None = None,
        gap: timedelta | None = None,
        every: timedelta | None = None,
        until: datetime | None = None,
        expires: datetime | None = None,
        anyway: bool = False,
    ) -> AlertAct:
        """Raise an alert that is meant: on air in five seconds, or when a second person has said yes.

        A template, typed words or a recording (a path of `hand_in_recording`); a template beside one of the
        other two gives signal and settings. What is None is the template's. `every` and `until`: all rounds
        again at that distance. `anyway`: though somebody else has raised the same just now.
        BadEntry codes: nothing-to-say, words-or-recording, unknown-template, no-such-recording, empty,
        alert-too-long, control-characters, no-zones, unknown-zone, bad-id, id-taken, already-raised,
        bad-language, bad-repeats, bad-gap, every-and-until, bad-every, bad-until, too-often,
        bad-expires. NotAllowed: not-your-zones.
        """
        alert = alertentries.alert_id(id, REAL_PREFIX)
        chosen = self._template(template)
        words, recording = self._said(chosen, words, recording)
        station = self.folder.station
        default = () if chosen is None else chosen.zones
        where = entries.zones(station, default if zones is None else zones)
        settings = settings_of(chosen)
        rounds = alertentries.repeats(settings.repeats if repeats is None else repeats)
        now = self.now()
        timing = alertentries.timing(
            now, lasts=settings.lasts, repeats=rounds, every=every, until=until, expires=expires
        )
        fresh = Alert(
            id=alert,
            version=1,
            status=Status.ACTUAL,
            message=Message.ALERT,
            title=title_of(title, chosen, words, recording),
            severity=settings.severity,
            zones=where,
            by=who.login,
            asked=now,
            expires=timing.expires,
            fires_at=None if settings.second_person else now + COUNTDOWN,
            template=None if chosen is None else chosen.id,
            words=words,
            recording=recording,
            language=alertentries.language(language),
            repeats=rounds,
            gap=alertentries.gap(settings.gap if gap is None else gap),
            every=timing.every,
            until=timing.until,
            volume=settings.volume,
        )

        def decide(act: Act) -> Decision:
            act.only_alert_zones(station, where)
            known = self.known(alert)
            if known:
                return Decision(answer=same(known[0], fresh))
            if not anyway:
                self._check_not_raised(fresh, act.now)
            return made(dated(fresh, act.now))

        return self.carry_out(who, Verb.RAISE_ALERT, decide)

    def raise_drill(
        self, who: Person, *, id: str, template: str, zones: Iterable[str] | None = None
    ) -> AlertAct:
        """Practise the alert of a template: once, within the allowed hours, and words say that it is a drill.

        BadEntry codes: unknown-template, no-zones, unknown-zone, bad-id, id-taken.
        """
        alert = alertentries.alert_id(id, DRILL_PREFIX)
        chosen = self._needed_template(template)
        station = self.folder.station
        where = entries.zones(station, chosen.zones if zones is None else zones)

        def decide(act: Act) -> Decision:
            act.only_alert_zones(station, where)
            fresh = Alert(
                id=alert,
                version=1,
                status=Status.EXERCISE,
                message=Message.ALERT,
                title=chosen.title,
                severity=DRILL,
                zones=where,
                by=act.who.login,
                asked=act.now,
                expires=act.now + chosen.lasts,
                fires_at=act.now + COUNTDOWN,
                template=chosen.id,
                repeats=1,
                volume=chosen.volume,
            )
            known = self.known(alert)
            return Decision(answer=same(known[0], fresh)) if known else made(fresh)

        return self.carry_out(who, Verb.DRILL, decide)

    def second_alert(self, who: Person, id: str, version: int = 1) -> AlertAct:
        """Say yes as the second person: the countdown begins. Again: changes nothing.

        NotAllowed codes: same-person, not-your-zones, too-late (cancelled, or over).
        """

        def decide(act: Act) -> Decision:
            alert = self._version(id, version)
            act.only_alert_zones(self.folder.station, alert.zones)
            if alert.fires_at is not None and not alert.cancelled:
                return Decision(answer=alert)
            if alert.by == act.who.login:
                raise NotAllowed(f"{act.who.name} raised it: somebody else has to say yes", "same-person")
            if alert.cancelled or alert.trouble or alert.expires <= act.now:
                raise NotAllowed("it was taken back, or its time is over: raise it anew", "too-late")
            said = replace(alert, seconded_by=act.who.login, fires_at=act.now + COUNTDOWN)
            return Decision(answer=said, puts=(said,), after=f"{alert.title}: yes to version {version}")

        return self.carry_out(who, Verb.SECOND_ALERT, decide)

    def cancel_alert(self, who: Person, id: str, version: int) -> AlertAct:
        """Take a version back before anybody hears it. Again: changes nothing. NotAllowed code too-late:
        it is on air; then it can only be stopped or corrected."""

        def decide(act: Act) -> Decision:
            alert = self._version(id, version)
            act.only_alert_zones(self.folder.station, alert.zones)
            if alert.cancelled:
                return Decision(answer=alert)
            if self.aired(alert, act):
                raise NotAllowed("it is on air already: stop it, or say that it was a mistake", "too-late")
            back = taken_back(alert, act)
            return Decision(answer=back, puts=(back,), after=f"{alert.title}: version {version} taken back")

        return self.carry_out(who, Verb.CANCEL_ALERT, decide)

    def update_alert(
        self,
        who: Person,
        id: str,
        *,
        based_on: int,
        template: str | None = None,
        words: str | None = None,
        recording: str | None = None,
        every: timedelta | None = None,
        until: datetime | None = None,
    ) -> AlertAct:
        """Say it anew with other words, or repeat it at other times: replaces what sounds, in the same zones.

        What is None stays as it is. BadEntry codes: as for raise_alert, and changed-meanwhile, over,
        nothing-new, only-a-drill.
        """
        chosen = self._template(template)
        if template is not None or words is not None or recording is not None:
            words, recording = self._said(chosen, words, recording)

        def decide(act: Act) -> Decision:
            versions = self.needed(id)
            base = standing(versions)
            act.only_alert_zones(self.folder.station, base.zones)
            real(base)
            fresh = self._updated(act, versions, chosen, words, recording, every, until)
            if says(base) == says(fresh):
                if base.version > based_on:
                    return Decision(answer=base)
                raise BadEntry(
                    "words", "nothing is different", "repeat it, or change something", code="nothing-new"
                )
            if base.version != based_on:
                raise ChangedMeanwhile(base)
            if base.message is Message.STOP or base.expires <= act.now:
                raise BadEntry("alert", "it is over", "raise a new one", code="over")
            return after_all(act, versions, fresh, self.aired)

        return self.carry_out(who, Verb.UPDATE_ALERT, decide)

    def again(self, who: Person, id: str, *, based_on: int, units: Iterable[str] = ()) -> AlertAct:
        """Sound once more what stands now, or what was stopped; only on `units` when some are given ("phát
        lại cho 2 cụm"). BadEntry codes: changed-meanwhile, over, unknown-unit."""
        wanted = tuple(dict.fromkeys(units))

        def decide(act: Act) -> Decision:
            versions = self.needed(id)
            base = standing(versions)
            last = spoken(versions)
            meant = self._units(last, wanted)
            self._check_reach(act, last, meant)
            if base.version > based_on and base.message is last.message and base.units == meant:
                return Decision(answer=base)
            if base.version != based_on:
                raise ChangedMeanwhile(base)
            if last.expires <= act.now or not any(self.aired(one, act) for one in versions):
                raise BadEntry("alert", "it is not on air", "raise a new one", code="over")
            going_on = last.until is not None and last.until > act.now
            fresh = replace(
                next_version(versions, last, act),
                units=meant,
                fires_at=act.now + COUNTDOWN,
                every=last.every if going_on else None,
                until=last.until if going_on else None,
            )
            return after_all(act, versions, fresh, self.aired)

        return self.carry_out(who, Verb.REPEAT_ALERT, decide)

    def _updated(
        self,
        act: Act,
        versions: tuple[Alert, ...],
        chosen: AlertTemplate | None,
        words: str | None,
        recording: str | None,
        every: timedelta | None,
        until: datetime | None,
    ) -> Alert:
        last = spoken(versions)
        anew = chosen is not None or words is not None or recording is not None
        template = last.template if chosen is None else chosen.id
        settings = settings_of(self.folder.alerts.get(template) if template is not None else None)
        timing = alertentries.timing(
            act.now,
            lasts=settings.lasts,
            repeats=last.repeats,
            every=every if every is not None else last.every,
            until=until if until is not None else last.until,
        )
        return replace(
            next_version(versions, last, act),
            message=Message.ALERT,
            units=(),
            title=last.title if chosen is None else chosen.title,
            severity=last.severity if chosen is None else chosen.severity,
            template=template,
            words=words if anew else last.words,
            recording=recording if anew else last.recording,
            every=timing.every,
            until=timing.until,
            expires=timing.expires,
            fires_at=None if settings.second_person else act.now + COUNTDOWN,
        )

    def _version(self, id: str, version: int) -> Alert:
        versions = self.needed(id)
        found = next((alert for alert in versions if alert.version == version), None)
        if found is None:
            raise ChangedMeanwhile(versions[-1])
        return found

    def _template(self, id: str | None) -> AlertTemplate | None:
        return None if id is None else self._needed_template(id)

    def _needed_template(self, id: str) -> AlertTemplate:
        known = self.folder.alerts
        try:
            return known[AlertId(id)]
        except (BadName, KeyError):
            names = ", ".join(sorted(known)) or "none is there yet"
            raise BadEntry(
                "template", f"there is no {id[:60]!r}", f"choose one of: {names}", code="unknown-template"
            ) from None

    def _said(
        self, chosen: AlertTemplate | None, words: str | None, recording: str | None
    ) -> tuple[str | None, str | None]:
        if words is not None and recording is not None:
            raise BadEntry(
                "words", "words and a recording are two alerts", "give one of them", code="words-or-recording"
            )
        if words is not None:
            return alertentries.words(words), None
        if recording is None and chosen is None:
            raise BadEntry(
                "words", "there is nothing to say", "choose a template, type or speak", code="nothing-to-say"
            )
        if recording is not None:
            try:
                find_recording(self.folder.audio.parent, recording)
            except BadAudio as fault:
                raise BadEntry("recording", fault.wrong, fault.expected, code="no-such-recording") from None
        return None, recording

    def _check_not_raised(self, fresh: Alert, now: datetime) -> None:
        """Raise AlreadyRaised when somebody has just raised the same where this one is to sound."""
        if fresh.template is None:
            return
        since = now - _JUST_NOW
        station = self.folder.station
        near = {alert.id for alert in self.store.alerts.recent(since)} | {id for id, _ in self._handed()}
        for id in sorted(near):
            versions = self.known(id)
            there = standing(versions)
            alike = there.template == fresh.template and there.status is Status.ACTUAL
            stands = there.message is Message.ALERT and not there.cancelled and not there.trouble
            fresh_enough = versions[0].asked > since and there.expires > now
            overlap = reached(station, there.zones) & reached(station, fresh.zones)
            if alike and stands and fresh_enough and overlap:
                raise AlreadyRaised(there)

    def _units(self, alert: Alert, wanted: tuple[str, ...]) -> tuple[UnitId, ...]:
        there = reached(self.folder.station, alert.zones)
        able = {
            joined.unit.id: joined.unit.id
            for joined in self.store.units.all()
            if joined.unit.zone in there and not joined.forbidden
        }
        for unit in wanted:
            if unit not in able:
                raise BadEntry(
                    "units",
                    f"{unit[:60]!r} is no unit where it is to be heard",
                    "choose others",
                    code="unknown-unit",
                )
        return tuple(sorted(able[UnitId(unit)] for unit in wanted))

    def _check_reach(self, act: Act, alert: Alert, units: tuple[UnitId, ...]) -> None:
        zones: list[str] = [*alert.zones]
        if units:
            zones = [one.unit.zone for one in self.store.units.all() if one.unit.id in units]
        act.only_alert_zones(self.folder.station, zones)
