"""What the unit believes and obeys: envelopes opened and judged, and what must not be forgotten kept.

Laws of this file
1. What was not signed by our hub, for us, now, and for the first time, changes nothing. It is counted.
2. An order is on the disk before it is acted on. A disk that takes nothing is no reason to go on sounding
   what a person has stopped: then it is remembered as long as this process lives.
3. What is about an alert is acted on first and put on the disk after, beside the loop (`alerts`): no disk,
   full or hanging, delays it. What this process does not know of, for it was restarted, it takes up again
   while it is in force; what has sounded of it, the records know.
"""

import logging
import threading
from datetime import datetime
from typing import NamedTuple, TypeVar

import msgspec

from broadcaster.domain.plan import Plan
from broadcaster.domain.volume import SOFTEST
from broadcaster.link.envelope import Refusal, Refused, opened
from broadcaster.link.judging import Memory, is_about_alert, judge, judge_plan, judge_present
from broadcaster.link.messages import WIRE_VERSION, Order, PlanChanged, Present, are_for
from broadcaster.link.timing import TimeTold
from broadcaster.unit.home import Member, Settings, UnitHome

__all__ = ["Judged", "Obeying"]

T = TypeVar("T")

_logger = logging.getLogger(__name__)


class Judged(NamedTuple):
    """An order our hub has signed, and why it is not to be carried out; None: it is."""

    order: Order
    refusal: Refusal | None


class Obeying:
    """The judge of one unit. `settings` are what the hub set last."""

    def __init__(self, home: UnitHome, member: Member, settings: Settings) -> None:
        self._home = home
        self._member = member
        self._keys = home.keys(member)
        self._memory = home.memory()
        self._acted: set[str] = set()
        """Orders about alerts on which this process has acted."""
        self._writing = threading.Lock()
        self._complaint = ""
        self.settings = settings
        self.refusals: dict[str, int] = {}

    def order(self, raw: bytes, now: datetime, *, trusted: bool) -> Order | None:
        """The order to be carried out, remembered as such on the disk; None when it is not to be."""
        judged = self.judged(raw, now, trusted=trusted)
        if judged is None or judged.refusal is not None:
            return None
        self.remember(judged.order, now)
        self.keep()
        return judged.order

    def judged(self, raw: bytes, now: datetime, *, trusted: bool) -> Judged | None:
        """The order in this envelope, judged at `now`; None when it is none of our hub's. Changes nothing,
        but counts what is refused."""
        try:
            order = self._opened(raw, Order)
        except Refused:
            return None
        refusal = self._refusal(order, self._memory, now, trusted=trusted)
        unknown = is_about_alert(order.body) and order.id not in self._acted
        if refusal is Refusal.REPEATED and unknown:
            anew = self._refusal(order, self._memory.for_alert(), now, trusted=trusted)
            refusal = None if anew is None else refusal
        if refusal not in (None, Refusal.REPEATED, Refusal.NOT_FOR_US):  # these are no fault of anybody's
            self._count(refusal, order.id)
        return Judged(order, refusal)

    def _refusal(self, order: Order, memory: Memory, now: datetime, *, trusted: bool) -> Refusal | None:
        return judge(
            order,
            memory,
            now=now,
            station=self._member.station,
            unit=self._member.unit,
            zone=self.settings.zone,
            clock_trusted=trusted,
        )

    def remember(self, order: Order, now: datetime) -> None:
        """It is acted on, or about to be; `keep` puts that on the disk. A plan is remembered when it is
        here."""
        if isinstance(order.body, PlanChanged):
            return
        if is_about_alert(order.body):
            self._acted.add(order.id)
        self._memory = self._memory.after(order, zone=self.settings.zone, now=now)

    def has_heard(self, alert: str, version: int) -> bool:
        """Whether that version of an alert, or a newer one, was acted on here."""
        return self._memory.has_heard(alert, version)

    def kept(self, raw: bytes) -> Order | None:
        """The order in an envelope that lay on our own disk, if our hub signed it for this unit."""
        try:
            order = self._opened(raw, Order)
        except Refused:
            return None
        ours = order.station == self._member.station and order.v == WIRE_VERSION
        meant = are_for(order.to, unit=self._member.unit, zone=self.settings.zone)
        return order if ours and meant and is_about_alert(order.body) else None

    def present(self, raw: bytes, nonce: str) -> Present:
        """The hub's answer to the question with that nonce. Raises Refused."""
        present = self._opened(raw, Present)
        refusal = judge_present(present, station=self._member.station, unit=self._member.unit, nonce=nonce)
        if refusal is not None:
            self._count(refusal, "an answer to a question")
            raise Refused(refusal, "the hub's answer")
        return present

    def time(self, raw: bytes, nonce: str) -> TimeTold:
        """The hub's answer to the question, with that nonce, what time it is. Raises Refused."""
        told = self._opened(raw, TimeTold)
        if told.v != WIRE_VERSION or told.nonce != nonce:
            refusal = Refusal.MALFORMED if told.v != WIRE_VERSION else Refusal.REPEATED
            self._count(refusal, "an answer what time it is")
            raise Refused(refusal, "the hub's time")
        return told

    def plan(self, signed: bytes) -> Plan:
        """The plan in these bytes, if it may be put in force. Raises Refused."""
        plan = self._opened(signed, Plan)
        refusal = judge_plan(plan, self._memory, station=self._member.station, zone=self.settings.zone)
        if refusal is not None:
            self._count(refusal, f"plan {plan.revision} of {plan.zone}")
            raise Refused(refusal, f"plan {plan.revision} of {plan.zone}")
        return plan

    def holding(self, plan: Plan) -> None:
        """That plan is in force and on the disk: no older one will be again."""
        self._memory = self._memory.holding_plan(plan)
        self.keep()

    def set_to(self, settings: Settings) -> None:
        """Go by these from now on."""
        if settings == self.settings:
            return
        self.settings = settings
        try:
            self._home.keep_settings(settings)
        except OSError as fault:
            _logger.error("settings not kept, the hub will say them again: %s", fault)

    def turn_to(self, decibels: float) -> None:
        """The volume was set."""
        self.set_to(msgspec.structs.replace(self.settings, volume=min(max(decibels, SOFTEST), 0.0)))

    def _opened(self, raw: bytes, kind: type[T]) -> T:
        """The message in an envelope of our hub's. Raises Refused, and has counted it."""
        try:
            return opened(raw, self._keys, kind)
        except Refused as fault:
            self._count(fault.refusal, f"{kind.__name__}: {fault}")
            raise

    def keep(self) -> None:
        """Put what was obeyed on the disk. From any thread: the latest is written last."""
        with self._writing:
            said = ""
            try:
                self._home.keep_memory(self._memory)
            except OSError as fault:
                said = str(fault)
            if said and said != self._complaint:
                _logger.error("what was obeyed is remembered only until a restart: %s", said)
            self._complaint = said

    def _count(self, refusal: Refusal, what: object) -> None:
        self.refusals[refusal] = self.refusals.get(refusal, 0) + 1
        _logger.warning("refused reason=%s count=%d: %s", refusal, self.refusals[refusal], what)
