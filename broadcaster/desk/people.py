"""Signing in, accounts, passwords."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from broadcaster.desk import entries
from broadcaster.desk.counter import PATIENCE, Act, Counter
from broadcaster.desk.faults import BadEntry, NotAllowed, NotFound, WaitToSignIn
from broadcaster.desk.rights import Verb
from broadcaster.desk.throttle import FROM_ANYWHERE, FROM_ONE_PLACE, WINDOW, wait
from broadcaster.domain.names import BadName, ZoneId
from broadcaster.domain.people import Login, Person, Role
from broadcaster.store import StoreFault

__all__ = ["PeopleVerbs"]

_LOGIN_SHOWN = 40


class PeopleVerbs(Counter):
    """Verbs about people."""

    def sign_in(self, login: str, password: str, *, source: str = "") -> Person:
        """The person who signs in. `source` is where from (an address).

        A store that takes nothing keeps nobody out: attempts are counted here then, and the audit line is
        owed. Raises NotAllowed (code `wrong-password`, never telling which was wrong; `disabled`),
        WaitToSignIn.
        """
        typed = _as_login(login)
        self._count_attempt(typed, source)
        stored = self.store.people.hash_of(typed)
        if not self.passwords.fits(stored, password):
            raise NotAllowed("the name or the password is wrong: try again", "wrong-password")
        assert stored is not None
        fresh = self.passwords.hash(password) if self.passwords.ages(stored) else None
        person = self.store.people.find(typed)
        assert person is not None, "accounts are never removed"
        try:
            with self.act(person, Verb.SIGN_IN, PATIENCE) as act:
                self.store.people.forgive(typed, source)
                if fresh is not None and self.store.people.hash_of(typed) == stored:
                    self.store.people.set_hash(typed, fresh)
                act.note(typed, after=source)
        except StoreFault as fault:
            act = self.acting(person, Verb.SIGN_IN)
            act.note(typed, after=source)
            self.owe(act, fault)
        with self._counting:
            self._attempts.forgive(typed, source)
        return act.who

    def person(self, login: str) -> Person | None:
        """The person of a session, as they are now; None when they may not act any more."""
        person = self.store.people.find(login)
        return None if person is None or person.disabled else person

    def add_person(
        self,
        who: Person,
        *,
        login: str,
        name: str,
        password: str,
        roles: Iterable[Role],
        zone: str | None = None,
        alert_zones: Iterable[str] = (),
    ) -> Person:
        """Make an account. `zone` belongs to the village role and only to it. `alert_zones`: where they may
        raise alerts, if their roles do not let them everywhere (see `grant_alerts`).

        BadEntry codes: bad-login, login-taken, empty, no-roles, unknown-zone, zone-needed, zone-unasked,
        password-short, password-long, password-is-login.
        """
        typed = entries.login(login)
        held = frozenset(roles)
        person = Person(
            login=typed,
            name=entries.line(name, "name"),
            roles=_some(held),
            zone=self._own_zone(held, zone),
            alert_zones=self._alert_zones(alert_zones),
        )
        hash = self.passwords.hash(entries.password(password, typed))
        with self.act(who, Verb.ADD_PERSON) as act:
            if self.store.people.find(typed) is not None:
                raise BadEntry(
                    "login", f"{typed} has an account already", "choose another one", code="login-taken"
                )
            self.store.people.add(person, hash, act.now)
            act.note(typed, after=_told(person))
        return person

    def set_password(self, who: Person, login: str, password: str) -> None:
        """Give a new password: one's own, or anybody's for an administrator. BadEntry as in add_person."""
        hash = self.passwords.hash(entries.password(password, login))
        with self.act(who, Verb.SET_PASSWORD) as act:
            person = self._needed(login)
            act.only_own(mine=person.login == act.who.login, what="the password")
            self.store.people.set_hash(person.login, hash)
            act.note(person.login)

    def disable_person(self, who: Person, login: str) -> Person:
        """Close an account; what they did stays on record. Again: changes nothing. BadEntry last-admin."""
        with self.act(who, Verb.DISABLE_PERSON) as act:
            person = self._needed(login)
            others = any(
                Role.ADMIN in other.roles and not other.disabled and other.login != person.login
                for other in self.store.people.all()
            )
            if Role.ADMIN in person.roles and not others:
                raise BadEntry(
                    "login",
                    f"{person.name} is the last administrator",
                    "make somebody else one first",
                    code="last-admin",
                )
            return self._switch(act, person, disabled=True)

    def enable_person(self, who: Person, login: str) -> Person:
        """Open a closed account again. Again: changes nothing."""
        with self.act(who, Verb.ENABLE_PERSON) as act:
            return self._switch(act, self._needed(login), disabled=False)

    def _switch(self, act: Act, person: Person, *, disabled: bool) -> Person:
        if person.disabled == disabled:
            act.nothing()
            return person
        switched = replace(person, disabled=disabled)
        self.store.people.change(switched)
        act.note(person.login, before=_told(person), after=_told(switched))
        return switched

    def _needed(self, login: str) -> Person:
        person = self.store.people.find(_as_login(login))
        if person is None:
            raise NotFound("person", login)
        return person

    def _alert_zones(self, wanted: Iterable[str]) -> tuple[str, ...]:
        """None, or some that there are. BadEntry code unknown-zone."""
        zones = tuple(wanted)
        return entries.zones(self.folder.station, zones) if zones else ()

    def _own_zone(self, roles: frozenset[Role], zone: str | None) -> ZoneId | None:
        if Role.VILLAGE not in roles:
            if zone:
                raise BadEntry("zone", "only the village role has one", "leave it empty", code="zone-unasked")
            return None
        if not zone:
            raise BadEntry("zone", "the village role needs one", "choose the own zone", code="zone-needed")
        return entries.zone(self.folder.station, zone)

    def _count_attempt(self, login: str, source: str) -> None:
        """Count the attempt as failed before the password is looked at, so that a hundred attempts at the
        same moment are a hundred; success forgives. Raises WaitToSignIn."""
        try:
            with self.store.writing(PATIENCE):
                self._check_pause(login, source)
                self.store.people.failed(login, source, self.now())
        except StoreFault:
            with self._counting:
                self._check_pause(login, source)
                self._attempts.add(login, source, self.now())

    def _check_pause(self, login: str, source: str) -> None:
        now = self.now()
        pause = max(
            wait(self._failures(login, place, now - WINDOW), free, now)
            for place, free in ((source, FROM_ONE_PLACE), (None, FROM_ANYWHERE))
        )
        if pause:
            raise WaitToSignIn(-int(-pause.total_seconds() // 1))

    def _failures(self, login: str, source: str | None, since: datetime) -> list[datetime]:
        stored = self.store.people.failures(login, source, since)
        return sorted((*stored, *self._attempts.of(login, source)))


def _as_login(text: str) -> str:
    try:
        return Login(text)
    except BadName:
        return text[:_LOGIN_SHOWN]  # nobody's, and treated like anybody else's


def _some(roles: frozenset[Role]) -> frozenset[Role]:
    if not roles:
        raise BadEntry("roles", "none is chosen", "choose at least one", code="no-roles")
    return roles


def _told(person: Person) -> str:
    where = f", zone {person.zone}" if person.zone else ""
    alerts = f", alerts {' '.join(person.alert_zones)}" if person.alert_zones else ""
    closed = ", closed" if person.disabled else ""
    return f"{person.name}: {', '.join(sorted(person.roles))}{where}{alerts}{closed}"
