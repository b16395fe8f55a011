"""Ending an alert: it was a mistake, it is over, or silence at once. None of these counts down."""

from dataclasses import replace
from datetime import timedelta

from broadcaster.desk.alertreports import standing
from broadcaster.desk.alerts import AlertVerbs
from broadcaster.desk.counter import Act
from broadcaster.desk.faults import BadEntry, ChangedMeanwhile
from broadcaster.desk.handing import AlertAct, Decision
from broadcaster.desk.rights import Verb
from broadcaster.desk.versions import after_all, next_version, real, spoken, taken_back
from broadcaster.domain.alert import LONGEST, Alert, Message
from broadcaster.domain.people import Person

__all__ = ["EndingVerbs"]

_TOLD_FOR = timedelta(hours=2)
"""How long units that come back still say that it was a mistake, or over: whoever heard the alert has to
hear this too."""

_TWICE = 2


class EndingVerbs(AlertVerbs):
    """Verbs that end an alert. What still waits of it is taken back with the same act."""

    def correct_alert(self, who: Person, id: str, *, based_on: int) -> AlertAct:
        """Say that it was a mistake, in the words that are ready for it.

        BadEntry codes: changed-meanwhile, not-on-air (then it can be cancelled), over, only-a-drill.
        """
        return self._end(who, Verb.CORRECT_ALERT, id, based_on, Message.CORRECTION)

    def all_clear(self, who: Person, id: str, *, based_on: int) -> AlertAct:
        """Say that the danger is over. BadEntry codes as for correct_alert."""
        return self._end(who, Verb.CLEAR_ALERT, id, based_on, Message.ALL_CLEAR)

    def stop_alert(self, who: Person, id: str, *, based_on: int) -> AlertAct:
        """Silence at once. What has not been on air yet is only taken back, and then that is the answer.

        A newer version of the same danger is stopped too, for who wants silence wants it now; a correction
        or an all-clear that somebody else began is not (BadEntry code changed-meanwhile). Again: changes
        nothing. BadEntry code: over.
        """

        def decide(act: Act) -> Decision:
            versions = self.needed(id)
            base = standing(versions)
            act.only_alert_zones(self.folder.station, base.zones)
            if base.message is Message.STOP or base.cancelled:
                return Decision(answer=base)
            if base.version != based_on and base.message is not Message.ALERT:
                raise ChangedMeanwhile(base)
            if not any(self.aired(one, act) for one in versions):
                backs = tuple(taken_back(one, act) for one in versions if not one.cancelled)
                return Decision(answer=backs[-1], puts=backs, after=f"{base.title}: taken back")
            if base.expires <= act.now:
                raise BadEntry("alert", "it is over", "there is nothing to stop", code="over")
            silent = replace(
                next_version(versions, base, act),
                message=Message.STOP,
                units=(),
                template=None,
                words=None,
                recording=None,
                every=None,
                until=None,
                expires=max(version.expires for version in versions),
            )
            return after_all(act, versions, silent, self.aired)

        return self.carry_out(who, Verb.STOP_ALERT, decide)

    def _end(self, who: Person, verb: Verb, id: str, based_on: int, message: Message) -> AlertAct:
        def decide(act: Act) -> Decision:
            versions = self.needed(id)
            base = standing(versions)
            act.only_alert_zones(self.folder.station, base.zones)
            real(base)
            if base.message is message:
                return Decision(answer=base)
            if base.version != based_on:
                raise ChangedMeanwhile(base)
            self._check_heard(versions, act)
            ends = replace(
                next_version(versions, spoken(versions), act),
                message=message,
                units=(),
                repeats=_TWICE,
                every=None,
                until=None,
                expires=max(base.expires, act.now + _TOLD_FOR),
            )
            return after_all(act, versions, ends, self.aired)

        return self.carry_out(who, verb, decide)

    def _check_heard(self, versions: tuple[Alert, ...], act: Act) -> None:
        if not any(self.aired(one, act) for one in versions):
            raise BadEntry("alert", "it has not been on air", "take it back, or wait", code="not-on-air")
        if versions[0].asked < act.now - LONGEST:
            raise BadEntry("alert", "it is too long ago", "announce it, or raise a new one", code="over")
