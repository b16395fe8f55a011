"""What every verb stands on: the store, the station folder, the clock, and the one way to act."""

import logging
import os
import pwd
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from broadcaster.desk.faults import BadEntry, NotAllowed, NotSent
from broadcaster.desk.passwords import Passwords
from broadcaster.desk.rights import RIGHTS, Scope, Verb, scope_of
from broadcaster.desk.throttle import Attempts
from broadcaster.domain.alert import Alert, AlertTemplate
from broadcaster.domain.names import AlertId, ProgrammeId, ZoneId
from broadcaster.domain.people import CONSOLE, Person, Role
from broadcaster.domain.places import EVERYWHERE, Station
from broadcaster.domain.programme import Programme
from broadcaster.link.messages import HandedOver
from broadcaster.link.wire import AskRefused, NoAnswer
from broadcaster.store import Store, StoreFault
from broadcaster.store.audit import AuditLine
from broadcaster.store.orders import DeskOrder

__all__ = ["PATIENCE", "Act", "Counter", "Folder", "HandOver", "reached"]

PATIENCE = timedelta(milliseconds=400)
"""How long what cannot wait (an alert, a sign-in) waits for a locked store before it does without."""

HandOver = Callable[[HandedOver], None]
"""Give the hub, over the wire, what the store does not take. Raises AskRefused and NoAnswer."""

_OWED = 500
"""Audit lines that are kept while the store takes none; they are all in the journal of the system too."""

_logger = logging.getLogger(__name__)


class Folder(Protocol):
    """What the desk has to know of the station folder; each is asked for anew by every verb."""

    @property
    def station(self) -> Station: ...

    @property
    def programmes(self) -> Mapping[ProgrammeId, Programme]:
        """Those in force."""
        ...

    @property
    def alerts(self) -> Mapping[AlertId, AlertTemplate]:
        """Templates of alerts, those in force."""
        ...

    @property
    def audio(self) -> Path:
        """The folder audio/."""
        ...

    def alert_mark(self, id: AlertId) -> str | None:
        """What the template's file holds now; None when there is none. Raises OSError."""
        ...

    def save_alert(self, template: AlertTemplate, seen: str | None) -> str:
        """Write the template's file, whose mark was `seen`; gives the new one. Raises ChangedUnderneath,
        BadFolder, OSError."""
        ...


@dataclass(slots=True)
class Act:
    """One verb being carried out: by whom as they are now, how far they may go, when. It ends with
    `note` or `nothing`. `blind`: the store takes nothing, so the hub cannot tell through it what it did."""

    who: Person
    verb: Verb
    scope: Scope
    now: datetime
    blind: bool = False
    line: AuditLine | None = None
    ended: bool = False

    def note(self, on: str, *, before: str = "", after: str = "") -> None:
        """This was done, on that: what the audit line will say."""
        self.line = AuditLine(
            at=self.now, who=self.who.login, verb=self.verb, on=on, before=before, after=after
        )
        self.ended = True

    def nothing(self) -> None:
        """It was so already: nothing was done, and nothing will be said."""
        self.ended = True

    def only_own(self, *, mine: bool, what: str) -> None:
        """Raise NotAllowed when the right ends at one's own and this is not."""
        if self.scope is not Scope.ALL and not mine:
            raise NotAllowed(
                f"{self.who.name} may do this only with {what} of their own; {_ask(self.verb)}", "not-own"
            )

    def only_own_zone(self, station: Station, zones: Iterable[str]) -> None:
        """Raise NotAllowed when the right ends at one's own zone, and `zones` reach beyond it."""
        mine = station.reach([self.who.zone]) if self.who.zone is not None else frozenset()
        self.only_own(mine=self.scope is Scope.ALL or station.reach(zones) <= mine, what="the zone")

    def only_alert_zones(self, station: Station, zones: Iterable[str]) -> None:
        """Raise NotAllowed (code not-your-zones) when one may not alert everywhere, and `zones` reach beyond
        where one may. Zones that are gone from the station count for nothing."""
        if self.scope is Scope.ALL:
            return
        beyond = reached(station, zones) - reached(station, self.who.alert_zones)
        if beyond:
            names = ", ".join(station.zone(zone).name for zone in sorted(beyond))
            raise NotAllowed(
                f"{self.who.name} may not alert {names}; {_ask(self.verb)}, or to be given the right there",
                "not-your-zones",
            )


class Counter:
    """The desk without its verbs."""

    def __init__(
        self,
        store: Store,
        folder: Folder,
        now: Callable[[], datetime],
        passwords: Passwords | None = None,
        hand_over: HandOver | None = None,
    ) -> None:
        """`hand_over` None: what the store does not take cannot be done."""
        self.store = store
        self.folder = folder
        self.now = now
        self.passwords = Passwords() if passwords is None else passwords
        self.hand_over = hand_over
        self._owed: deque[AuditLine] = deque(maxlen=_OWED)
        self._kept: dict[tuple[AlertId, int], Alert] = {}
        self._attempts = Attempts()
        self._counting = threading.Lock()

    def local_admin(self) -> Person:
        """The administrator at this machine's command line: `console:<user of the system>`."""
        number = os.geteuid()
        try:
            user = pwd.getpwuid(number).pw_name
        except KeyError:  # a user of the system without a name, as in some containers
            user = f"#{number}"
        return Person(login=f"{CONSOLE}{user}", name=user, roles=frozenset({Role.ADMIN}))

    def audit(self, who: Person, *, before: int | None = None, limit: int = 100) -> tuple[AuditLine, ...]:
        """The audit trail, newest first; `before` is the number of the last line of the page before."""
        self.allowed(who, Verb.READ_AUDIT)
        return self.store.audit.list(before=before, limit=limit)

    @contextmanager
    def act(self, who: Person, verb: Verb, patience: timedelta | None = None) -> Iterator[Act]:
        """Do one thing: check the right, then the body, then the audit line, all in one transaction.

        Slow work is done before. Raises NotAllowed. `patience` as in `Store.writing`.
        """
        with self._paying(patience):
            act = self.acting(who, verb)
            yield act
            assert act.ended, f"{verb} ended without saying what it did"
            if act.line is not None:
                self.store.audit.add(act.line)

    def acting(self, who: Person, verb: Verb, *, blind: bool = False) -> Act:
        """One thing about to be done: checks the right. Raises NotAllowed."""
        person, scope = self.allowed(who, verb)
        return Act(who=person, verb=verb, scope=scope, now=self.now(), blind=blind)

    def owe(self, act: Act, why: Exception) -> None:
        """This was done, and the store takes no line of it: said in the system's journal now, and in the
        trail by the next act that the store does take."""
        if act.line is not None:
            shown = (act.line.who, act.line.verb, act.line.on, act.line.after)
            _logger.warning("%s did %s on %s (%s), and the store did not take it: %s", *shown, why)
            self._owed.append(act.line)

    def give(self, handed: HandedOver, fault: StoreFault) -> None:
        """Give the hub what the store does not take, because of `fault`. Raises NotSent."""
        assert self.hand_over is not None
        try:
            self.hand_over(handed)
        except AskRefused as refusal:
            raise NotSent(f"the hub says no: {refusal}", "hub-refused") from refusal
        except NoAnswer as silence:
            raise NotSent(f"it could not be sent: {fault}; and {silence}") from silence

    def pay(self) -> bool:
        """Write the audit lines that are owed, now: for a process that is about to end. Whether none is owed
        any more; those of alerts the hub writes down too."""
        with suppress(StoreFault), self._paying(PATIENCE):
            pass
        return not self._owed

    @contextmanager
    def _paying(self, patience: timedelta | None) -> Iterator[None]:
        """A transaction that also writes the audit lines that are owed."""
        owed: list[AuditLine] = []
        try:
            with self.store.writing(patience):
                yield
                while self._owed:
                    owed.append(self._owed.popleft())
                    self.store.audit.add_once(owed[-1])
        except BaseException:
            self._owed.extendleft(reversed(owed))
            raise

    def send(self, act: Act, order: DeskOrder, *, on: str) -> DeskOrder:
        """Leave an order for the hub; the same one sent twice is there once. BadEntry code id-taken."""
        known = self.store.orders.find(order.id)
        if known is None:
            self.store.orders.put(order)
            act.note(on, after=f"order {order.id} to {', '.join(order.to)}")
            return order
        if (known.to, known.wish, known.by) != (order.to, order.wish, order.by):
            raise BadEntry("id", f"{order.id} is another order's", "choose another id", code="id-taken")
        act.nothing()
        return known

    def allowed(self, who: Person, verb: Verb) -> tuple[Person, Scope]:
        """The person as they are now, not as they were when their page was made, and their right."""
        person = who if who.at_console else self.store.people.find(who.login)
        if person is None or person.disabled:
            raise NotAllowed(f"the account of {who.name} is closed: ask an administrator", "disabled")
        scope = scope_of(person, verb)
        if scope is Scope.NONE:
            raise NotAllowed(f"{person.name} may not do this; {_ask(verb)}")
        return person, scope


def reached(station: Station, zones: Iterable[str]) -> frozenset[ZoneId]:
    """All zones meant, with those below them; a zone may have gone since it was written down."""
    known = {EVERYWHERE, *(zone.id for zone in station.zones)}
    return station.reach(zone for zone in zones if zone in known)


def _ask(verb: Verb) -> str:
    """Whom to ask instead."""
    able = [role.value for role in Role if RIGHTS[role, verb] is Scope.ALL]
    return f"ask somebody who is {' or '.join(able)}" if able else "nobody may"
