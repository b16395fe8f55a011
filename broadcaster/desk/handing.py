"""Acts that a locked store or a full disk must not stop: what the store does not take goes to the hub.

Laws
1. What is to be done is decided by reading alone (`Decision`), which no writer holds up; then it is written
   in one transaction, or handed over.
2. Only when the store and the hub both refuse is it not done, and then the person is told (`NotSent`).
3. What was handed over is remembered here until the store knows of it, so that the next act upon it finds it.
4. No act goes without its audit line: what the store cannot take of those is owed (`Counter.owe`).
"""

from collections.abc import Callable
from dataclasses import dataclass

from broadcaster.desk.counter import PATIENCE, Act, Counter
from broadcaster.desk.faults import BadEntry, NotFound
from broadcaster.desk.rights import Verb
from broadcaster.domain.alert import Alert
from broadcaster.domain.names import AlertId, BadName
from broadcaster.domain.people import Person
from broadcaster.link.messages import HandedOver
from broadcaster.store import StoreFault

__all__ = ["AlertAct", "Decision", "HandingCounter"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertAct:
    """What became of an act upon an alert. `handed_over`: the store is locked or its disk is full, and the
    hub has it; it sounds all the same, and whoever is responsible for the machine should look after it."""

    alert: Alert
    handed_over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is to be done: `puts` are versions as they are to be from now on, none when it is so already;
    `answer` is the one the person meant. `after`: what the audit line says."""

    answer: Alert
    puts: tuple[Alert, ...] = ()
    after: str = ""


class HandingCounter(Counter):
    """A counter whose acts upon alerts find a way past a store that takes nothing."""

    def known(self, id: str) -> tuple[Alert, ...]:
        """Every version of the alert that the store or this desk knows of, the first one first."""
        try:
            alert = AlertId(id)
        except BadName:
            return ()
        versions = {version.version: version for version in self.store.alerts.versions(alert)}
        for (of, number), handed in tuple(self._handed().items()):
            if of == alert and not _further(versions.get(number), handed):
                versions[number] = handed
        return tuple(versions[number] for number in sorted(versions))

    def needed(self, id: str) -> tuple[Alert, ...]:
        """`known`, of which there is at least one. Raises NotFound (no-such-alert)."""
        versions = self.known(id)
        if not versions:
            raise NotFound("alert", id)
        return versions

    def aired(self, alert: Alert, act: Act) -> bool:
        """Whether people may have heard of it, so that it cannot be taken back any more.

        The hub says so in the store. While that takes nothing, and of what was handed over, what is due
        counts as heard: the hub fires from memory.
        """
        if alert.fired is not None or alert.cancelled:
            return alert.fired is not None
        due = alert.fires_at is not None and alert.fires_at <= act.now and not alert.trouble
        return due and (act.blind or (alert.id, alert.version) in self._handed())

    def carry_out(self, who: Person, verb: Verb, decide: Callable[[Act], Decision]) -> AlertAct:
        """Do what `decide` says, in the store or through the hub. Raises NotAllowed, BadEntry, NotSent, and
        StoreFault when not even reading is possible, or there is nobody to hand it to."""
        try:
            with self.act(who, verb, PATIENCE) as act:
                decision = decide(act)
                for alert in decision.puts:
                    self.store.alerts.put(alert)
                if decision.puts:
                    act.note(decision.answer.id, after=decision.after)
                else:
                    act.nothing()
        except StoreFault as fault:
            if self.hand_over is None:
                raise
            return self._handing(who, verb, decide, fault)
        except BadEntry:
            full = self._why_blind()
            if full is None or self.hand_over is None:
                raise
            return self._handing(who, verb, decide, full)
        answer = decision.answer
        return AlertAct(alert=answer, handed_over=(answer.id, answer.version) in self._handed())

    def _why_blind(self) -> StoreFault | None:
        """Why the store takes nothing, None when it does. A full disk shows only when something is written,
        so what looks wrong may look so only because the hub could not tell what it did."""
        try:
            with self.store.writing(PATIENCE):
                self.store.counters.probe()
        except StoreFault as fault:
            return fault
        return None

    def _handing(
        self, who: Person, verb: Verb, decide: Callable[[Act], Decision], fault: StoreFault
    ) -> AlertAct:
        act = self.acting(who, verb, blind=True)
        decision = decide(act)
        for alert in decision.puts:
            self.give(HandedOver(alert=alert), fault)
            self._handed()[alert.id, alert.version] = alert
        if decision.puts:
            act.note(decision.answer.id, after=f"{decision.after}; handed to the hub")
            self.owe(act, fault)
        answer = decision.answer
        return AlertAct(alert=answer, handed_over=(answer.id, answer.version) in self._handed())

    def _handed(self) -> dict[tuple[AlertId, int], Alert]:
        """What was handed over and may still matter, by id and version."""
        now = self.now()
        for key in [key for key, alert in tuple(self._kept.items()) if alert.expires <= now]:
            self._kept.pop(key, None)
        return self._kept


def _further(stored: Alert | None, handed: Alert) -> bool:
    """Whether the store knows as much of that version as was handed over, or more."""
    if stored is None:
        return False
    settled = stored.fired is not None or stored.cancelled or bool(stored.trouble)
    return settled or (stored.seconded_by == handed.seconded_by and not handed.cancelled)
