"""Making alerts ready: saving a template, testing whether units are ready, and who may alert where."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from broadcaster.desk import alertentries, entries
from broadcaster.desk.counter import Act
from broadcaster.desk.faults import BadEntry
from broadcaster.desk.people import PeopleVerbs
from broadcaster.desk.rights import Verb
from broadcaster.domain.alert import AlertTemplate, Hazard, Severity, Wording
from broadcaster.domain.names import AlertId, UnitId
from broadcaster.domain.people import Person
from broadcaster.domain.programme import Recorded, Spoken
from broadcaster.folder import BadFolder
from broadcaster.folder.alertwriting import ChangedUnderneath, Unspoken
from broadcaster.folder.audio import BadAudio, find_chime, find_recording
from broadcaster.store.readiness import ReadinessTest

__all__ = ["ReadyingVerbs"]

TEST_PREFIX = "kt-"
"""How the id of a readiness test begins (*kiểm tra*)."""


class ReadyingVerbs(PeopleVerbs):
    """Verbs about being ready for an alert."""

    def save_template(
        self,
        who: Person,
        *,
        id: str,
        title: str,
        hazard: Hazard,
        severity: Severity,
        signal: str,
        zones: Iterable[str],
        wordings: Iterable[Wording],
        repeats: int = 3,
        gap: timedelta = timedelta(seconds=10),
        volume: float = 0.0,
        lasts: timedelta = timedelta(hours=2),
        second_person: bool = False,
        seen: str | None = None,
    ) -> AlertTemplate:
        """Write schedules/alerts/ID.toml; the hub then renders it and lays it on the units. The same again
        changes nothing. `seen`: what the file held when the person began (`Folder.alert_mark`); None for a
        new template.

        BadEntry codes: bad-id, empty, too-long, alert-too-long, control-characters, no-zones, unknown-zone,
        no-such-chime, no-such-recording, bad-repeats, bad-gap, bad-template, no-voice, changed-since,
        not-written.
        """
        station = self.folder.station
        named = entries.checked_id(id, "")
        try:
            template = AlertTemplate(
                id=AlertId(named),
                title=entries.line(title, "title"),
                hazard=hazard,
                severity=severity,
                signal=signal,
                zones=entries.zones(station, zones),
                wordings=tuple(self._checked(wording) for wording in wordings),
                repeats=alertentries.repeats(repeats),
                gap=alertentries.gap(gap),
                volume=volume,
                lasts=lasts,
                second_person=second_person,
            )
        except ValueError as fault:
            raise BadEntry("template", "it cannot be like this", str(fault), code="bad-template") from None
        self._check_chime_is_there(signal)
        with self.act(who, Verb.SAVE_TEMPLATE) as act:
            before = self.folder.alerts.get(template.id)
            if before == template:
                act.nothing()
                return template
            self._write(template, seen)
            act.note(template.id, before="" if before is None else _told(before), after=_told(template))
        return template

    def test_readiness(self, who: Person, *, id: str) -> ReadinessTest:
        """Ask every unit whether it is ready for every template; nothing sounds. `id` begins with kt-.
        Again: changes nothing. BadEntry code bad-id."""
        test = AlertId(entries.checked_id(id, ""))
        if not test.startswith(TEST_PREFIX):
            raise BadEntry("id", f"{id!r} is no test's", f"begin it with {TEST_PREFIX}", code="bad-id")
        with self.act(who, Verb.TEST_READINESS) as act:
            known = self.store.readiness.find_test(test)
            if known is not None:
                act.nothing()
                return known
            fresh = ReadinessTest(
                id=test,
                by=act.who.login,
                at=act.now,
                templates=tuple(sorted(self.folder.alerts)),
                units=self._units_there(),
            )
            self.store.readiness.put_test(fresh)
            act.note(test, after=f"{len(fresh.templates)} templates, {len(fresh.units)} units")
            return fresh

    def grant_alerts(self, who: Person, login: str, zones: Iterable[str]) -> Person:
        """Let somebody alert these zones and all below them (ids, or `all`), and no others; none takes the
        right away. Approvers and administrators may alert everywhere as they are. Again: changes nothing.
        BadEntry code unknown-zone."""
        where = self._alert_zones(zones)
        with self.act(who, Verb.GRANT_ALERTS) as act:
            person = self._needed(login)
            return self._granted(act, person, where)

    def _granted(self, act: Act, person: Person, where: tuple[str, ...]) -> Person:
        if person.alert_zones == where:
            act.nothing()
            return person
        changed = replace(person, alert_zones=where)
        self.store.people.change(changed)
        act.note(
            person.login,
            before=", ".join(person.alert_zones) or "nowhere",
            after=", ".join(where) or "nowhere",
        )
        return changed

    def _write(self, template: AlertTemplate, seen: str | None) -> None:
        try:
            self.folder.save_alert(template, seen)
        except ChangedUnderneath:
            raise BadEntry(
                "template",
                "its file was changed meanwhile",
                "look at it again first",
                code="changed-since",
            ) from None
        except Unspoken as fault:
            raise BadEntry(
                "words", fault.faults[0].wrong, fault.faults[0].expected, code="no-voice"
            ) from None
        except BadFolder as fault:
            wrong = "; ".join(str(each) for each in fault.faults)
            raise BadEntry("template", wrong, "correct it", code="bad-template") from None
        except OSError as fault:
            raise BadEntry(
                "template",
                f"its file cannot be written ({fault.strerror})",
                "see to the station's disk",
                code="not-written",
            ) from fault

    def _units_there(self) -> tuple[UnitId, ...]:
        return tuple(joined.unit.id for joined in self.store.units.all() if not joined.forbidden)

    def _checked(self, wording: Wording) -> Wording:
        drill = None if wording.drill is None else self._sound(wording.drill)
        return replace(
            wording,
            alert=self._sound(wording.alert),
            correction=self._sound(wording.correction),
            all_clear=self._sound(wording.all_clear),
            drill=drill,
        )

    def _sound(self, sound: Spoken | Recorded) -> Spoken | Recorded:
        if isinstance(sound, Spoken):
            return replace(sound, words=alertentries.words(sound.words, alertentries.TEMPLATE_LIMIT))
        try:
            find_recording(self.folder.audio.parent, sound.path)
        except BadAudio as fault:
            raise BadEntry("recording", fault.wrong, fault.expected, code="no-such-recording") from None
        return sound

    def _check_chime_is_there(self, name: str) -> None:
        try:
            find_chime(self.folder.audio.parent, name)
        except BadAudio as fault:
            raise BadEntry("signal", fault.wrong, fault.expected, code="no-such-chime") from None


def _told(template: AlertTemplate) -> str:
    words = " / ".join(
        wording.alert.words if isinstance(wording.alert, Spoken) else wording.alert.path
        for wording in template.wordings
    )
    return f"{template.title}, {', '.join(template.zones)}, {template.repeats} times: {words}"
