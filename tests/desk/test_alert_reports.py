"""What people see of an alert: who heard it, who did not and why, and who is ready for the next one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from broadcaster.desk.alertboard import AlertBoard
from broadcaster.desk.alertreports import AlertReport, AlertState, UnitLine, UnitState
from broadcaster.desk.board import Board
from broadcaster.domain.alert import Alert
from broadcaster.domain.asrun import AsRunEntry, Outcome, Stretch
from broadcaster.domain.names import AlertId, ClipId, CueId, ProgrammeId, UnitId, ZoneId
from broadcaster.domain.programme import Rank
from broadcaster.domain.readiness import Laid
from broadcaster.link.messages import NowPlaying, Vitals, write
from broadcaster.store.rundown import CueLine
from broadcaster.store.units import StoredBeat
from tests.desk.village import NOON, STATION, Village, flood

BEN, CHO = "thon-ben-1", "thon-cho-1"
LONG = timedelta(seconds=20)
STEP = timedelta(seconds=30)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Answer:
    """A unit's receipt, as the store takes it."""

    alert: AlertId
    version: int
    order: str
    received: datetime
    started: datetime | None = None
    lacks: int = 0
    why: str = ""


def lives(village: Village, *units: str, playing: CueId | None = None, plan: int = 1, ago: float = 0) -> None:
    at = village.present - timedelta(seconds=ago)
    now = None if playing is None else NowPlaying(cue=playing, title="Lũ", since=at, played=timedelta(0))
    said = Vitals(
        v=1, at=at, software="1", plan=plan, playing=now, clock_error=0.0, disk_free=10**10, speaker="x"
    )
    village.store.units.keep_beats(
        tuple(StoredBeat(unit=UnitId(unit), at=at, beat=write(said)) for unit in units)
    )


def receives(village: Village, unit: str, alert: Alert, *, started: bool = False, why: str = "") -> None:
    answer = Answer(
        alert=alert.id,
        version=alert.version,
        order=f"{alert.id}-{alert.version}",
        received=village.present,
        started=alert.start if started else None,
        why=why,
    )
    village.store.alerts.receive([(UnitId(unit), answer)], village.present)


def cue_of(alert: Alert, number: int) -> CueId:
    assert alert.start is not None
    local = (alert.start + number * STEP).astimezone(STATION.timezone)
    return CueId.of(ProgrammeId(alert.id), local.date(), local.time().replace(microsecond=0))


def is_on_record(village: Village, alert: Alert) -> None:
    """The hub has put the rounds on record, 20 s each with 10 s between."""
    assert alert.start is not None
    lines = [
        CueLine(
            cue=cue_of(alert, number),
            zones=frozenset({ZoneId("thon-ben"), ZoneId("thon-cho")}),
            start=alert.start + number * STEP,
            title=alert.title,
            rank=Rank.EMERGENCY,
            asked=LONG,
        )
        for number in range(3)
    ]
    village.store.rundown.expect(alert.id, lines, village.present)


def tells(
    village: Village, unit: str, alert: Alert, number: int, outcome: Outcome = Outcome.AIRED, why: str = ""
) -> None:
    """The unit's line of one round."""
    assert alert.start is not None
    begin = alert.start + number * STEP
    sounded = () if why and outcome is not Outcome.CUT_SHORT else (Stretch(begin=begin, length=LONG),)
    entry = AsRunEntry(
        unit=UnitId(unit),
        cue=cue_of(alert, number),
        title=alert.title,
        revision=0,
        outcome=outcome,
        planned=begin,
        ended=begin + LONG,
        asked=LONG,
        stretches=sounded,
        reason=why,
    )
    village.store.asrun.record((entry,), village.present)


def report(village: Village, id: str = "kc-lu-1", handed: Iterable[Alert] = ()) -> AlertReport:
    units = Board(village.store, village.folder).units(village.present)
    found = AlertBoard(village.store, village.folder).alert(id, units, village.present, tuple(handed))
    assert found is not None
    return found


def line(village: Village, unit: str) -> UnitLine:
    return next(line for line in report(village).lines if line.unit == unit)


@pytest.fixture
def sent(village: Village) -> Alert:
    """A flood alert that was sent to two units, each in one village, and a third one in neither."""
    village.unit(BEN, "thon-ben")
    village.unit(CHO, "thon-cho")
    village.unit("xa-1", "xa")
    lives(village, BEN, CHO, "xa-1")
    alert = village.on_air()
    is_on_record(village, alert)
    return alert


def test_it_counts_down_second_by_second_and_says_where(village: Village) -> None:
    village.unit(BEN)
    village.raised()
    for left in (5, 4, 3, 2, 1):
        shown = report(village)
        assert (shown.state, shown.seconds_left) == (AlertState.COUNTING_DOWN, left)
        assert [line.unit for line in shown.lines] == [BEN]
        assert shown.missing == ()
        village.later(seconds=1)
    assert (report(village).state, report(village).stuck) == (AlertState.SENDING, False)
    village.later(seconds=4)
    assert report(village).stuck


def test_what_waits_for_a_second_person_was_cancelled_given_up_or_ran_out_is_told_so(
    village: Village,
) -> None:
    village.raised(id="kc-1", template="vo-dap")
    village.raised(id="kc-2")
    village.desk.cancel_alert(village.minh, "kc-2", 1)
    village.raised(id="kc-3")
    village.store.alerts.give_up(AlertId("kc-3"), 1, "no unit is there")
    assert [report(village, f"kc-{n}").state for n in (1, 2, 3)] == [
        AlertState.AWAITING_SECOND,
        AlertState.CANCELLED,
        AlertState.NOT_SENT,
    ]
    village.later(hours=2)
    assert report(village, "kc-1").state is AlertState.EXPIRED


def test_it_is_followed_unit_by_unit_and_round_by_round(village: Village, sent: Alert) -> None:
    assert report(village).state is AlertState.SENDING
    assert [line.state for line in report(village).lines] == [UnitState.WAITING, UnitState.WAITING]
    receives(village, BEN, sent)
    assert line(village, BEN).state is UnitState.RECEIVED
    receives(village, BEN, sent, started=True)
    shown = report(village)
    assert (shown.state, shown.round, shown.rounds) == (AlertState.ON_AIR, 1, 3)
    assert (shown.received, shown.sounded, shown.done) == (1, 1, 0)
    assert [missing.unit for missing in shown.missing] == [CHO]
    village.later(seconds=32)
    lives(village, BEN, CHO, playing=cue_of(sent, 1))
    tells(village, BEN, sent, 0)
    here = line(village, BEN)
    assert (here.state, here.playing, here.rounds_done, here.rounds_meant) == (
        UnitState.SOUNDING,
        True,
        1,
        3,
    )
    assert here.seconds == LONG
    assert (report(village).round, report(village).missing) == (2, ())


def test_it_has_sounded_when_units_told_so_of_every_round(village: Village, sent: Alert) -> None:
    for number in range(3):
        tells(village, BEN, sent, number)
        tells(village, CHO, sent, number)
    village.later(seconds=85)
    lives(village, BEN, CHO)
    shown = report(village)
    assert (shown.state, shown.done, shown.missing) == (AlertState.SOUNDED, 2, ())
    assert line(village, BEN).seconds == 3 * LONG
    assert line(village, BEN).started == sent.start


def test_partly_heard_is_no_success_and_who_is_missing_is_named_with_the_reason(
    village: Village, sent: Alert
) -> None:
    tells(village, BEN, sent, 0)
    receives(village, CHO, sent, why="the amplifier does not answer")
    village.later(seconds=120)
    lives(village, BEN, CHO)
    shown = report(village)
    assert shown.state is AlertState.SOUNDED
    assert [(one.unit, one.name, one.state, one.why) for one in shown.missing] == [
        (CHO, "Cột 3", UnitState.FAILED, "the amplifier does not answer")
    ]
    assert (line(village, BEN).state, line(village, BEN).rounds_done) == (UnitState.DONE, 1)


def test_a_unit_whose_rounds_all_failed_says_why(village: Village, sent: Alert) -> None:
    tells(village, CHO, sent, 0, Outcome.FAILED, "its sound broke")
    assert (line(village, CHO).state, line(village, CHO).why) == (UnitState.FAILED, "its sound broke")


def test_a_unit_that_is_away_is_offline_until_it_comes_back_and_sounds_it(
    village: Village, sent: Alert
) -> None:
    village.later(minutes=5)
    lives(village, BEN)
    assert line(village, CHO).state is UnitState.OFFLINE
    assert line(village, BEN).state is UnitState.WAITING
    lives(village, CHO, playing=cue_of(sent, 0))
    assert line(village, CHO).state is UnitState.SOUNDING


def test_a_unit_that_died_while_it_sounded_is_offline_and_not_done(village: Village, sent: Alert) -> None:
    receives(village, CHO, sent, started=True)
    village.later(minutes=5)
    lives(village, BEN)
    assert line(village, CHO).state is UnitState.OFFLINE
    assert line(village, CHO).sounded


def test_what_nobody_heard_in_all_its_time_has_expired(village: Village, sent: Alert) -> None:
    village.later(hours=2)
    assert report(village).state is AlertState.EXPIRED
    assert len(report(village).missing) == 2


def test_while_an_update_counts_down_the_units_lines_are_of_what_is_on_air(
    village: Village, sent: Alert
) -> None:
    receives(village, BEN, sent, started=True)
    village.desk.update_alert(village.minh, sent.id, based_on=1, words="Nước lên nhanh.")
    shown = report(village)
    assert (shown.alert.version, shown.state) == (2, AlertState.COUNTING_DOWN)
    assert (line(village, BEN).version, line(village, BEN).state) == (1, UnitState.SOUNDING)
    village.desk.cancel_alert(village.minh, sent.id, 2)
    assert (report(village).alert.version, report(village).state) == (1, AlertState.ON_AIR)


def test_after_an_update_nothing_is_told_of_it_that_was_of_the_version_before(
    village: Village, sent: Alert
) -> None:
    receives(village, BEN, sent, started=True)
    tells(village, BEN, sent, 0)
    village.later(seconds=40)
    village.desk.update_alert(village.minh, sent.id, based_on=1, words="Nước lên nhanh.")
    tells(village, BEN, sent, 2, Outcome.CANCELLED, "taken out of the plan")
    village.later(seconds=5)
    village.hub_sends(village.stored(sent.id))
    assert line(village, BEN) == replace(
        line(village, BEN), state=UnitState.WAITING, version=2, rounds_done=0, seconds=timedelta(0), why=""
    )


def test_a_stop_shows_what_was_heard_before_it(village: Village, sent: Alert) -> None:
    tells(village, BEN, sent, 0)
    village.desk.stop_alert(village.minh, sent.id, based_on=1)
    assert report(village).state is AlertState.SENDING
    village.hub_sends(village.stored(sent.id))
    shown = report(village)
    assert (shown.state, shown.sounded) == (AlertState.STOPPED, 1)


def test_what_was_taken_back_in_the_moment_it_went_out_was_stopped_and_can_be_corrected(
    village: Village, sent: Alert
) -> None:
    tells(village, BEN, sent, 0, Outcome.CUT_SHORT, "stopped")
    village.store.alerts.put(replace(sent, cancelled_by="an", cancelled_at=village.present))
    shown = report(village)
    assert (shown.state, shown.sounded) == (AlertState.STOPPED, 1)
    assert village.desk.correct_alert(village.minh, sent.id, based_on=1).alert.version == 2


def test_said_again_for_one_unit_the_others_keep_their_lines(village: Village, sent: Alert) -> None:
    for number in range(3):
        tells(village, BEN, sent, number)
    village.later(minutes=3)
    lives(village, BEN, CHO)
    again = village.desk.again(village.minh, sent.id, based_on=1, units=[CHO]).alert
    village.later(seconds=5)
    village.hub_sends(again)
    again = village.stored(sent.id)
    receives(village, CHO, again, started=True)
    assert [(one.unit, one.version, one.state) for one in report(village).lines] == [
        (BEN, 1, UnitState.DONE),
        (CHO, 2, UnitState.SOUNDING),
    ]
    assert report(village).missing == ()


def test_an_alert_that_only_the_hub_knows_of_is_shown_all_the_same(village: Village) -> None:
    alert = village.raised()
    handed = replace(alert, id=AlertId("kc-lu-9"))
    assert report(village, "kc-lu-9", [handed]).state is AlertState.COUNTING_DOWN
    units = Board(village.store, village.folder).units(village.present)
    here = AlertBoard(village.store, village.folder)
    assert here.alert("kc-lu-9", units, village.present) is None
    assert here.alert("Không", units, village.present) is None


def test_what_is_going_on_and_what_was_lately_stand_newest_act_first(village: Village, sent: Alert) -> None:
    village.later(minutes=1)
    village.desk.raise_drill(village.minh, id="dt-1", template="lu-lut")
    village.desk.raise_alert(village.an, id="kc-2", words="Cháy chợ.", zones=["thon-cho"])
    village.desk.cancel_alert(village.an, "kc-2", 1)
    here = AlertBoard(village.store, village.folder)
    units = Board(village.store, village.folder).units(village.present)
    assert [one.alert.id for one in here.going_on(units, village.present)] == ["dt-1", "kc-lu-1"]
    assert {one.alert.id for one in here.recent(units, village.present)} == {"dt-1", "kc-2", "kc-lu-1"}
    village.later(days=2)
    assert here.going_on(units, village.present) == ()
    assert here.recent(units, village.present) == ()


def test_who_is_ready_for_each_template_is_told_and_why_the_others_are_not(village: Village) -> None:
    village.unit(BEN, "thon-ben")
    village.unit(CHO, "thon-cho")
    lives(village, BEN, CHO, plan=7)
    clip = ClipId("a" * 64)
    village.store.readiness.lay(
        Laid(template=AlertId(id), zone=ZoneId(zone), clips=(clip,), revision=revision, at=NOON)
        for id, zone, revision in (("lu-lut", "thon-ben", 7), ("lu-lut", "thon-cho", 8))
    )
    here = AlertBoard(village.store, village.folder)
    units = Board(village.store, village.folder).units(village.present)
    flooded, broken = here.readiness(units, village.present)
    assert flooded.template == flood()
    assert flooded.readiness.ready == (BEN,)
    assert [(one.unit, one.lack) for one in flooded.readiness.unready] == [(CHO, "not-laid")]
    assert (broken.template.id, broken.readiness.ready) == ("vo-dap", ())
    test = village.desk.test_readiness(village.an, id="kt-1")
    village.store.readiness.put_test(replace(test, sent=village.present))
    for unit, why in ((BEN, "the speaker is gone"), (CHO, "")):
        answer = Answer(alert=test.id, version=0, order=test.id, received=village.present, why=why)
        village.store.alerts.receive([(UnitId(unit), answer)], village.present)
    flooded, _ = here.readiness(units, village.present)
    assert flooded.readiness.ready == (CHO,)
    assert [(one.unit, one.words) for one in flooded.readiness.unready] == [(BEN, "the speaker is gone")]
