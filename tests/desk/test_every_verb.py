"""What holds for every verb: who may, that it leaves a line, is all or nothing, and twice is once."""

import inspect
import sqlite3
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from broadcaster.desk import Desk, NotAllowed, Scope, Verb, scope_of
from broadcaster.desk.rights import RIGHTS
from broadcaster.domain.bulletin import State
from broadcaster.domain.names import AlertId, BulletinId, CueId
from broadcaster.domain.people import Person, Role
from broadcaster.store import StoreFault
from tests.desk.village import BEN_ONLY, NOON, Village, flood

Act = Callable[[], object]
"""The verb, done once; calling it again is sending the same form twice."""


def do_sign_in(village: Village, who: Person) -> Act:
    return lambda: village.desk.sign_in(who.login, f"{who.login}12345678")


def do_add_person(village: Village, who: Person) -> Act:
    return lambda: village.desk.add_person(
        who, login="mai", name="Mai", password="trời hôm nay đẹp", roles=[Role.EDITOR]
    )


def do_set_password(village: Village, who: Person) -> Act:
    return lambda: village.desk.set_password(who, who.login, "trời hôm nay đẹp")


def do_disable_person(village: Village, who: Person) -> Act:
    return lambda: village.desk.disable_person(who, "hoa")


def do_enable_person(village: Village, who: Person) -> Act:
    village.desk.disable_person(village.an, "hoa")
    return lambda: village.desk.enable_person(who, "hoa")


def do_hand_in_recording(village: Village, who: Person) -> Act:
    upload = village.wav()
    return lambda: village.desk.hand_in_recording(who, upload, name="Họp dân.wav")


def do_write_bulletin(village: Village, who: Person) -> Act:
    return lambda: village.desk.write_bulletin(who, title="Mất điện", words="Mai mất điện.", id="mat-dien")


def do_rewrite(village: Village, who: Person) -> Act:
    id = village.kept(who, State.DRAFT)
    return lambda: village.desk.rewrite(who, id, title="Mất nước", words="Mai mất nước.")


def do_submit(village: Village, who: Person) -> Act:
    village.asks_for_approval()
    id = village.kept(who, State.DRAFT)
    return lambda: village.desk.submit(who, id)


def do_approve(village: Village, who: Person) -> Act:
    id = village.kept(village.hoa, State.SUBMITTED)
    return lambda: village.desk.approve(who, id)


def do_return_(village: Village, who: Person) -> Act:
    id = village.kept(village.hoa, State.SUBMITTED)
    return lambda: village.desk.return_(who, id, why="Sai ngày")


def do_book(village: Village, who: Person) -> Act:
    id = village.kept(who, State.APPROVED)
    return lambda: village.desk.book(who, id, BEN_ONLY)


def do_book_at(village: Village, who: Person) -> Act:
    id = village.kept(who, State.APPROVED)
    return lambda: village.desk.book_at(who, id, at=NOON, zones=["thon-ben"], id="mat-dien-trua")


def do_unbook(village: Village, who: Person) -> Act:
    id = village.kept(who, State.APPROVED)
    village.store.bookings.arrange(CueId(BEN_ONLY), (BulletinId(id),))
    return lambda: village.desk.unbook(who, id, BEN_ONLY)


def do_move_booking(village: Village, who: Person) -> Act:
    ids = [village.kept(who, State.APPROVED, id) for id in ("a", "b", "c")]
    village.store.bookings.arrange(CueId(BEN_ONLY), tuple(BulletinId(id) for id in ids))
    return lambda: village.desk.move_booking(who, "c", BEN_ONLY, 0)


def do_say(village: Village, who: Person) -> Act:
    return lambda: village.desk.say(who, "Mời bà con họp.", zones=["thon-ben"], id="hop-dan")


def do_cancel_announcement(village: Village, who: Person) -> Act:
    id = village.kept(who, State.APPROVED)
    if scope_of(who, Verb.BOOK_AT) is Scope.NONE:
        village.desk.say(village.an, "Mời bà con họp.", zones=["thon-ben"], id="hop-dan")
    else:
        village.desk.book_at(who, id, at=NOON, zones=["thon-ben"], id="hop-dan")
    return lambda: village.desk.cancel_announcement(who, "hop-dan")


def do_stop(village: Village, who: Person) -> Act:
    return lambda: village.desk.stop(who, zones=["thon-ben"], cue=BEN_ONLY, id="dung-lai")


def do_set_volume(village: Village, who: Person) -> Act:
    unit = village.unit().unit.id
    return lambda: village.desk.set_volume(who, unit, -6)


def do_test_chime(village: Village, who: Person) -> Act:
    unit = village.unit().unit.id
    return lambda: village.desk.test_chime(who, unit, id="thu-chuong")


def do_pair_unit(village: Village, who: Person) -> Act:
    village.waits()
    return lambda: village.desk.pair_unit(who, "123 456", name="Cột 5", zone="thon-ben")


def do_forbid_unit(village: Village, who: Person) -> Act:
    unit = village.unit().unit.id
    return lambda: village.desk.forbid_unit(who, unit)


def do_readmit_unit(village: Village, who: Person) -> Act:
    unit = village.unit().unit.id
    village.desk.forbid_unit(village.an, unit)
    return lambda: village.desk.readmit_unit(who, unit)


def do_rename_unit(village: Village, who: Person) -> Act:
    unit = village.unit().unit.id
    return lambda: village.desk.rename_unit(who, unit, "Cột đầu làng")


def do_move_unit(village: Village, who: Person) -> Act:
    unit = village.unit().unit.id
    return lambda: village.desk.move_unit(who, unit, "thon-cho")


def do_raise_alert(village: Village, who: Person) -> Act:
    return lambda: village.desk.raise_alert(who, id="kc-lu-1", template="lu-lut")


def do_raise_drill(village: Village, who: Person) -> Act:
    return lambda: village.desk.raise_drill(who, id="dt-lu-1", template="lu-lut")


def do_second_alert(village: Village, who: Person) -> Act:
    village.person("bao", Role.ADMIN)
    village.desk.raise_alert(village.person("bao", Role.ADMIN), id="kc-dap-1", template="vo-dap")
    return lambda: village.desk.second_alert(who, "kc-dap-1")


def do_cancel_alert(village: Village, who: Person) -> Act:
    village.raised()
    return lambda: village.desk.cancel_alert(who, "kc-lu-1", 1)


def do_update_alert(village: Village, who: Person) -> Act:
    village.on_air()
    return lambda: village.desk.update_alert(who, "kc-lu-1", based_on=1, words="Nước lên nhanh hơn.")


def do_correct_alert(village: Village, who: Person) -> Act:
    village.on_air()
    return lambda: village.desk.correct_alert(who, "kc-lu-1", based_on=1)


def do_all_clear(village: Village, who: Person) -> Act:
    village.on_air()
    return lambda: village.desk.all_clear(who, "kc-lu-1", based_on=1)


def do_stop_alert(village: Village, who: Person) -> Act:
    village.on_air()
    return lambda: village.desk.stop_alert(who, "kc-lu-1", based_on=1)


def do_again(village: Village, who: Person) -> Act:
    unit = village.unit().unit.id
    village.on_air()
    return lambda: village.desk.again(who, "kc-lu-1", based_on=1, units=[unit])


def do_save_template(village: Village, who: Person) -> Act:
    village.chime()
    seen = village.folder.alert_mark(AlertId("lu-lut"))
    made = flood(repeats=5)
    return lambda: village.desk.save_template(
        who,
        id=made.id,
        title=made.title,
        hazard=made.hazard,
        severity=made.severity,
        signal=made.signal,
        zones=made.zones,
        wordings=made.wordings,
        repeats=made.repeats,
        seen=seen,
    )


def do_test_readiness(village: Village, who: Person) -> Act:
    village.unit()
    return lambda: village.desk.test_readiness(who, id="kt-1")


def do_grant_alerts(village: Village, who: Person) -> Act:
    return lambda: village.desk.grant_alerts(who, "hoa", ["thon-ben"])


def do_audit(village: Village, who: Person) -> Act:
    return lambda: village.desk.audit(who)


DOINGS: dict[Verb, Callable[[Village, Person], Act]] = {
    Verb.SIGN_IN: do_sign_in,
    Verb.ADD_PERSON: do_add_person,
    Verb.SET_PASSWORD: do_set_password,
    Verb.DISABLE_PERSON: do_disable_person,
    Verb.ENABLE_PERSON: do_enable_person,
    Verb.HAND_IN: do_hand_in_recording,
    Verb.WRITE: do_write_bulletin,
    Verb.REWRITE: do_rewrite,
    Verb.SUBMIT: do_submit,
    Verb.APPROVE: do_approve,
    Verb.RETURN: do_return_,
    Verb.BOOK: do_book,
    Verb.BOOK_AT: do_book_at,
    Verb.UNBOOK: do_unbook,
    Verb.MOVE_BOOKING: do_move_booking,
    Verb.SAY: do_say,
    Verb.CANCEL_ANNOUNCEMENT: do_cancel_announcement,
    Verb.STOP: do_stop,
    Verb.SET_VOLUME: do_set_volume,
    Verb.TEST_CHIME: do_test_chime,
    Verb.PAIR_UNIT: do_pair_unit,
    Verb.FORBID_UNIT: do_forbid_unit,
    Verb.READMIT_UNIT: do_readmit_unit,
    Verb.RENAME_UNIT: do_rename_unit,
    Verb.MOVE_UNIT: do_move_unit,
    Verb.RAISE_ALERT: do_raise_alert,
    Verb.DRILL: do_raise_drill,
    Verb.SECOND_ALERT: do_second_alert,
    Verb.CANCEL_ALERT: do_cancel_alert,
    Verb.UPDATE_ALERT: do_update_alert,
    Verb.CORRECT_ALERT: do_correct_alert,
    Verb.CLEAR_ALERT: do_all_clear,
    Verb.STOP_ALERT: do_stop_alert,
    Verb.REPEAT_ALERT: do_again,
    Verb.SAVE_TEMPLATE: do_save_template,
    Verb.TEST_READINESS: do_test_readiness,
    Verb.GRANT_ALERTS: do_grant_alerts,
    Verb.READ_AUDIT: do_audit,
}

ACTS = sorted(set(Verb) - {Verb.READ_AUDIT})
"""Verbs that do something; reading does nothing and leaves no line."""

ONCE_ONLY = {Verb.SIGN_IN, Verb.ADD_PERSON, Verb.SET_PASSWORD, Verb.PAIR_UNIT}
"""Sent twice these are two acts, or the second is refused."""


def test_every_verb_is_tried_here() -> None:
    assert set(DOINGS) == set(Verb)
    takes_a_person = {
        name
        for name, verb in inspect.getmembers(Desk, inspect.isfunction)
        if not name.startswith("_") and "who" in inspect.signature(verb).parameters
    }
    tried = {doing.__name__.removeprefix("do_") for doing in DOINGS.values()} - {"sign_in"}
    assert takes_a_person - {"act", "acting", "allowed", "carry_out"} == tried


def test_the_table_of_rights_names_every_role_and_verb() -> None:
    assert set(RIGHTS) == set(product(Role, Verb))
    assert all(RIGHTS[Role.ADMIN, verb] is Scope.ALL for verb in set(Verb) - {Verb.SIGN_IN})


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("verb", sorted(set(Verb) - {Verb.HAND_IN}))
def test_who_has_the_right_can_and_who_has_not_cannot(village: Village, verb: Verb, role: Role) -> None:
    who = village.of_role(role)
    act = DOINGS[verb](village, who)
    before = village.trail()
    if scope_of(who, verb) is Scope.NONE:
        with pytest.raises(NotAllowed, match=r"may not do this; ask somebody who is .*admin"):
            act()
        assert village.trail() == before
    else:
        act()


@pytest.mark.parametrize("verb", ACTS)
def test_every_act_leaves_one_line_that_names_who_and_what(village: Village, verb: Verb) -> None:
    act = DOINGS[verb](village, village.an)
    before = len(village.trail())
    act()
    lines = village.trail()
    assert len(lines) == before + 1
    assert (lines[0].who, lines[0].verb, lines[0].at) == ("an", verb, village.present)
    assert lines[0].on


@pytest.mark.parametrize("verb", sorted(set(ACTS) - ONCE_ONLY))
def test_a_form_sent_twice_acts_once_and_gets_the_same_answer(village: Village, verb: Verb) -> None:
    act = DOINGS[verb](village, village.an)
    first = act()
    before = len(village.trail())
    meant = village.store.counters.meant()
    village.later(minutes=2)
    assert act() == first
    assert len(village.trail()) == before
    assert village.store.counters.meant() == meant


@pytest.mark.parametrize("verb", sorted(set(ACTS) - {Verb.SIGN_IN}))
def test_an_act_that_cannot_leave_its_line_is_not_done(village: Village, verb: Verb, tmp_path: Path) -> None:
    act = DOINGS[verb](village, village.an)
    tables = {name: rows(tmp_path, name) for name in TABLES}
    with sqlite3.connect(tmp_path / "state" / "station.db") as base:
        base.execute("ALTER TABLE audit RENAME TO audit_gone")
    base.close()
    with pytest.raises(StoreFault, match="no such table: audit"):
        act()
    assert {name: rows(tmp_path, name) for name in TABLES} == tables


TABLES = (
    "people",
    "bulletins",
    "bookings",
    "announcements",
    "units",
    "joining",
    "orders",
    "counters",
    "alerts",
    "readiness_tests",
)


def rows(folder: Path, table: str) -> list[tuple[object, ...]]:
    base = sqlite3.connect(folder / "state" / "station.db")
    found = base.execute(f"SELECT * FROM {table}").fetchall()
    base.close()
    return found


@pytest.mark.parametrize("verb", ACTS)
def test_an_account_closed_a_moment_ago_can_do_nothing(village: Village, verb: Verb) -> None:
    an_as_the_page_knew_him = village.an
    village.person("bao", Role.ADMIN)
    act = DOINGS[verb](village, village.an)
    village.desk.disable_person(village.desk.local_admin(), "an")
    assert not an_as_the_page_knew_him.disabled
    with pytest.raises(NotAllowed, match="is closed") as told:
        act()
    assert told.value.code == "disabled"


def test_the_command_line_acts_as_the_local_administrator(village: Village) -> None:
    console = village.desk.local_admin()
    assert console.login.startswith("console:")
    village.desk.say(console, "Mời bà con họp.", zones=["all"], id="hop-dan")
    assert village.last_lines(1) == [(console.login, "say", "hop-dan")]


def test_nobody_can_sign_in_as_the_console(village: Village) -> None:
    with pytest.raises(NotAllowed) as told:
        village.desk.sign_in(village.desk.local_admin().login, "anything at all")
    assert told.value.code == "wrong-password"
