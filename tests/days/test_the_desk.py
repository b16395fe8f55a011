"""A day at the desk: saying something now or at a time, taking it back, stopping it."""

from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.domain.asrun import Outcome
from broadcaster.domain.instants import Spell
from tests.days.communes import commune
from tests.days.hours import local
from tests.days.office import Death
from tests.days.village import Village

WORDS = "Mời bà con ra nhà văn hoá họp."
LONG = "Bài nói dài."
DAY = Spell(begin=local("00:00"), end=local("23:59"))
NINE = local("09:00")
SECOND = timedelta(seconds=1)


@pytest.fixture
def village(disks: Path) -> Village:
    living = Village(commune(disks / "station"), disks, NINE - 5 * SECOND, lengths={LONG: 600.0})
    living.run_until(NINE)
    return living


def say(
    village: Village, words: str = WORDS, *, at: str | None = None, zones: tuple[str, ...] = ("all",)
) -> None:
    village.office.desk.say(
        village.office.boss, words, zones=zones, at=None if at is None else local(at), id="hop-dan"
    )


def cancel(village: Village) -> None:
    village.office.desk.cancel_announcement(village.office.boss, "hop-dan")


def stop(village: Village, *, cue: bool = True, zones: tuple[str, ...] = ("all",)) -> None:
    *_, line = village.rundown(DAY)
    village.office.desk.stop(village.office.boss, zones=zones, cue=line.cue if cue else None)


def starts(village: Village) -> set[object]:
    return {entry.started for entry in village.lines("hop-dan").values()}


def test_words_said_now_are_held_back_until_they_are_spoken_and_then_heard_in_step(village: Village) -> None:
    village.office.resting_until = NINE + 7 * SECOND
    say(village)
    village.run_for(seconds=6)
    assert {pole.next_instant() for pole in village.poles.values()} == {None}, "nobody has it yet"
    village.run_for(minutes=5)
    (start,) = starts(village)
    assert start == NINE + 11 * SECOND  # 4 s to lay the clip on the units
    assert set(village.outcomes("hop-dan").values()) == {Outcome.AIRED}
    assert len(village.lines("hop-dan")) == 3
    (line,) = village.rundown(DAY)
    assert (line.start, line.asked) == (start, village.lines("hop-dan")[village.poles["loa-ben"].unit].asked)
    assert village.discrepancies(DAY) == ()


def test_words_whose_sound_is_there_at_once_are_heard_within_five_seconds(village: Village) -> None:
    say(village)
    village.run_for(minutes=1)
    (start,) = starts(village)
    assert isinstance(start, type(NINE))
    assert NINE < start <= NINE + 5 * SECOND


def test_only_the_units_of_its_zones_have_it(village: Village) -> None:
    say(village, zones=("thon-ben",))
    village.run_for(minutes=1)
    assert set(village.lines("hop-dan")) == {"loa-ben"}
    assert not village.poles["loa-dinh"].sounded
    assert village.discrepancies(DAY) == ()


def test_words_for_a_time_are_heard_at_that_time(village: Village) -> None:
    say(village, at="10:30")
    village.run_until(local("10:35"))
    assert starts(village) == {local("10:30")}
    assert set(village.outcomes("hop-dan").values()) == {Outcome.AIRED}


def test_a_hub_killed_while_words_are_made_still_has_them_heard_once_and_in_step(village: Village) -> None:
    village.office.resting_until = NINE + 7 * SECOND
    say(village)
    village.kill_hub = lambda step: Death.BEFORE_IT_IS_SAID if step % 3 == 0 else None
    village.run_for(minutes=5)
    assert len(starts(village)) == 1
    assert set(village.outcomes("hop-dan").values()) == {Outcome.AIRED}
    assert village.discrepancies(DAY) == ()


@pytest.mark.parametrize("when", ["for a time", "while it is made", "when it is laid and not begun"])
def test_what_is_taken_back_before_it_sounds_is_silent_and_leaves_a_line_on_each_unit(
    village: Village, when: str
) -> None:
    if when == "for a time":
        say(village, at="10:30")
        village.at(local("10:00"), lambda: cancel(village))
    elif when == "while it is made":
        village.office.resting_until = NINE + 60 * SECOND
        say(village)
        village.at(NINE + 30 * SECOND, lambda: cancel(village))
    else:
        say(village)
        village.at(NINE + 2 * SECOND, lambda: cancel(village))
    village.run_until(local("10:01") if when == "for a time" else NINE + 90 * SECOND)
    assert len(village.lines("hop-dan")) == 3
    village.run_until(local("11:00"))
    lines = village.lines("hop-dan")
    assert len(lines) == 3
    assert {line.outcome for line in lines.values()} == {Outcome.CANCELLED}
    assert {line.reason for line in lines.values()} == {f"taken back by {village.office.boss.login}"}
    assert not any(pole.sounded for pole in village.poles.values())


def test_what_is_taken_back_while_it_sounds_is_told_of_by_the_units_alone(village: Village) -> None:
    say(village, LONG)
    village.at(NINE + 60 * SECOND, lambda: cancel(village))
    village.run_until(local("09:05"))
    assert village.lines("hop-dan") == {}
    village.run_until(local("09:15"))
    assert set(village.outcomes("hop-dan").values()) == {Outcome.AIRED}


def test_a_unit_that_never_heard_of_it_being_taken_back_says_what_it_played(village: Village) -> None:
    say(village, at="10:30")
    village.run_for(seconds=5)
    village.at(local("10:00"), lambda: village.wire.cut(village.poles["loa-ben"].unit))
    village.at(local("10:10"), lambda: cancel(village))
    village.at(local("12:00"), village.wire.mend)
    village.run_until(local("12:10"))
    assert village.outcomes("hop-dan") == {
        "loa-ben": Outcome.AIRED,
        "loa-dinh": Outcome.CANCELLED,
        "loa-xa": Outcome.CANCELLED,
    }


@pytest.mark.parametrize("named", [True, False])
def test_a_stop_silences_every_unit_at_once_and_the_lines_say_who_stopped_it(
    village: Village, named: bool
) -> None:
    say(village, LONG)
    village.at(NINE + 60 * SECOND, lambda: stop(village, cue=named))
    village.run_until(local("09:20"))
    lines = village.lines("hop-dan")
    assert len(lines) == 3
    assert {line.outcome for line in lines.values()} == {Outcome.CUT_SHORT}
    for line in lines.values():
        assert line.reason.startswith(f"stopped by {village.office.boss.name}; ")
        assert line.ended <= NINE + 61 * SECOND
    assert village.discrepancies(DAY) == ()


def test_a_stop_in_one_village_leaves_the_others_alone(village: Village) -> None:
    say(village, LONG)
    village.at(NINE + 60 * SECOND, lambda: stop(village, zones=("thon-ben",)))
    village.run_until(local("09:20"))
    assert village.outcomes("hop-dan") == {
        "loa-ben": Outcome.CUT_SHORT,
        "loa-dinh": Outcome.AIRED,
        "loa-xa": Outcome.AIRED,
    }


@pytest.mark.parametrize("hub_restarts", [False, True])
def test_a_unit_that_was_cut_off_during_the_stop_takes_it_when_it_returns(
    village: Village, hub_restarts: bool
) -> None:
    say(village, LONG)
    ben = village.poles["loa-ben"]
    village.at(NINE + 30 * SECOND, lambda: village.wire.cut(ben.unit))
    village.at(NINE + 60 * SECOND, lambda: stop(village))
    if hub_restarts:
        village.at(NINE + 90 * SECOND, village.restart_hub)
    village.at(NINE + 120 * SECOND, village.wire.mend)
    village.run_until(local("09:20"))
    line = village.lines("hop-dan")[ben.unit]
    assert line.outcome is Outcome.CUT_SHORT
    assert NINE + 120 * SECOND <= line.ended <= NINE + 121 * SECOND
    assert line.reason.startswith(f"stopped by {village.office.boss.name}; ")


@pytest.mark.parametrize("hub_restarts", [False, True])
def test_a_unit_that_hears_of_words_and_of_their_stop_at_once_does_not_begin_them(
    village: Village, hub_restarts: bool
) -> None:
    village.office.desk.say(village.office.boss, LONG, zones=["all"], id="lan-truoc")
    village.run_until(local("09:20"))  # so the clip lies on every unit
    ben = village.poles["loa-ben"]
    before = len(ben.sounded)
    village.wire.cut(ben.unit)
    say(village, LONG)
    village.at(local("09:21"), lambda: stop(village))
    if hub_restarts:
        village.at(local("09:21:30"), village.restart_hub)
    village.at(local("09:22"), village.wire.mend)
    village.run_until(local("11:00"))
    assert len(ben.sounded) == before
    assert village.outcomes("hop-dan") == {
        "loa-ben": Outcome.CANCELLED,
        "loa-dinh": Outcome.CUT_SHORT,
        "loa-xa": Outcome.CUT_SHORT,
    }
    assert village.lines("hop-dan")[ben.unit].reason == f"stopped by {village.office.boss.name}"
    assert village.discrepancies(DAY) == ()


def test_a_stop_of_whatever_is_on_air_is_not_in_force_for_a_unit_that_returns_later(village: Village) -> None:
    say(village, LONG)
    ben = village.poles["loa-ben"]
    village.at(NINE + 30 * SECOND, lambda: village.wire.cut(ben.unit))
    village.at(NINE + 60 * SECOND, lambda: stop(village, cue=False))
    village.at(NINE + 120 * SECOND, village.wire.mend)
    village.run_until(local("09:20"))
    assert village.outcomes("hop-dan")[ben.unit] is Outcome.AIRED


def test_the_test_chime_sounds_on_its_unit_only_and_leaves_no_line(village: Village) -> None:
    village.office.desk.test_chime(village.office.boss, "loa-ben")
    village.run_for(minutes=1)
    assert len(village.poles["loa-ben"].sounded) == 1
    assert not village.poles["loa-dinh"].sounded
    assert village.asrun() == ()


def test_a_unit_turned_down_is_turned_down_at_once_and_after_a_power_cut(village: Village) -> None:
    village.office.desk.set_volume(village.office.boss, "loa-ben", -12.0)
    village.run_for(seconds=1)
    assert village.poles["loa-ben"].box.volume == -12.0
    village.wire.cut()
    village.switch_off("loa-ben")
    village.run_for(seconds=1)
    village.switch_on("loa-ben")
    village.run_for(seconds=1)
    assert village.poles["loa-ben"].box.volume == -12.0
    assert village.poles["loa-dinh"].box.volume == 0.0


@pytest.mark.parametrize("after", [0.1, 0.3, 0.5])
def test_a_power_cut_right_after_the_end_does_not_make_a_unit_say_it_all_again(
    village: Village, after: float
) -> None:
    say(village, at="10:30")
    village.run_until(local("10:29"))
    ben = village.poles["loa-ben"]
    (cue,) = ben.box.state.pending
    village.at(cue.start + cue.length + timedelta(seconds=after), ben.restart)
    village.run_until(local("10:40"))
    (run,) = ben.sounded
    assert run.length == cue.length
    line = village.lines("hop-dan")[ben.unit]
    assert line.started == local("10:30")
    assert line.outcome is Outcome.AIRED


@pytest.mark.parametrize("after", [0.0, 0.3, 0.5])
def test_a_power_cut_right_after_a_stop_does_not_make_a_unit_go_on(village: Village, after: float) -> None:
    say(village, LONG)
    ben = village.poles["loa-ben"]
    stopped = NINE + 60 * SECOND
    village.at(stopped, lambda: stop(village))
    village.at(stopped + timedelta(seconds=0.25 + after), ben.restart)
    village.run_until(local("09:40"))
    assert len(ben.sounded) == 1
    line = village.lines("hop-dan")[ben.unit]
    assert line.outcome is Outcome.CUT_SHORT
    assert line.reason.startswith(f"stopped by {village.office.boss.name}; ")
