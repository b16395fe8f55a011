"""What every verb stands on: the store, the station folder, the clock, and the one way to act."""

import os
import pwd
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from broadcaster.desk.faults import BadEntry, NotAllowed
from broadcaster.desk.passwords import Passwords
from broadcaster.desk.rights import RIGHTS, Scope, Verb, scope_of
from broadcaster.domain.names import ProgrammeId
from broadcaster.domain.people import CONSOLE, Person, Role
from broadcaster.domain.places import Station
from broadcaster.domain.programme import Programme
from broadcaster.store import Store
from broadcaster.store.audit import AuditLine
from broadcaster.store.orders import DeskOrder

__all__ = ["Act", "Counter", "Folder"]


class Folder(Protocol):
    """What the desk has to know of the station folder; each is asked for anew by every verb."""

    @property
    def station(self) -> Station: ...

    @property
    def programmes(self) -> Mapping[ProgrammeId, Programme]:
        """Those in force."""
        ...

    @property
    def audio(self) -> Path:
        """The folder audio/."""
        ...


@dataclass(slots=True)
class Act:
    """One verb being carried out: by whom as they are now, how far they may go, when. It ends with
    `note` or `nothing`."""

    who: Person
    verb: Verb
    scope: Scope
    now: datetime
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


class Counter:
    """The desk without its verbs."""

    def __init__(
        self, store: Store, folder: Folder, now: Callable[[], datetime], passwords: Passwords | None = None
    ) -> None:
        self.store = store
        self.folder = folder
        self.now = now
        self.passwords = Passwords() if passwords is None else passwords

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
    def act(self, who: Person, verb: Verb) -> Iterator[Act]:
        """Do one thing: check the right, then the body, then the audit line, all in one transaction.

        Slow work is done before. Raises NotAllowed.
        """
        with self.store.writing():
            person, scope = self.allowed(who, verb)
            act = Act(who=person, verb=verb, scope=scope, now=self.now())
            yield act
            assert act.ended, f"{verb} ended without saying what it did"
            if act.line is not None:
                self.store.audit.add(act.line)

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


def _ask(verb: Verb) -> str:
    """Whom to ask instead."""
    able = [role.value for role in Role if RIGHTS[role, verb] is Scope.ALL]
    return f"ask somebody who is {' or '.join(able)}" if able else "nobody may"
