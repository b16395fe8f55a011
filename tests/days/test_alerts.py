"""Alerts in a whole commune at fake speed: what stands in their way, and in whose way they stand.

Whatever happens, each round has one line for each unit, and no unit sounds a round twice.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from broadcaster.desk import NotAllowed, handing
from broadcaster.domain.alert import COUNTDOWN, Message
from broadcaster.domain.asrun import AsRunEntry, Outcome
from broadcaster.domain.instants import Spell
from broadcaster.domain.plan import FRAME_RATE
from broadcaster.horn.player import Heard
from broadcaster.store.file import StoreFile
from tests.days.communes import HOURS, alert_template, commune
from tests.days.hours import local
from tests.days.laws import assert_never_two_at_once, assert_told_truly
from tests.days.office import Death
from tests.days.troubles import full_disk, locked_store
from tests.days.village import SAMPLE_UNITS, Village

UNITS = list(SAMPLE_UNITS)
ROUND, GAP = 6.2, 10.0
"""Seconds: a signal of five, three words; the step is in whole seconds."""
STEP = 17.0
ON_TIME = timedelta(seconds=1)

TALK = """
title = "Nói chuyện"
zones = ["all"]
at = ["18:20"]
[[item]]
say = "một"
[[item]]
say = "hai"
[[item]]
say = "ba"
"""
MUSIC = """
title = "Ca nhạc"
zones = ["all"]
at = ["18:00"]
[[item]]
play = "recordings/nhac.opus"
"""
LENGTHS = {"một": 60.0, "hai": 60.0, "ba": 60.0, "recordings/nhac.opus": 600.0}


def living(disks: Path, begin: datetime, **programmes: str) -> Village:
    folder = commune(disks / "station", HOURS, **programmes)
    alert_template(folder, "lu", "Lũ đang về", severity="extreme")
    alert_template(folder, "chay", "Cháy chợ Bến", severity="severe")
    village = Village(folder, disks, begin, lengths=LENGTHS)
    village.run_for(seconds=5)
    return village


@pytest.fixture
def village(disks: Path, monkeypatch: pytest.MonkeyPatch) -> Village:
    """At night, when nothing else is on air."""
    defaults = StoreFile.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "busy_timeout", 0.01)  # nobody waits in a village at fake speed
    monkeypatch.setattr(handing, "PATIENCE", timedelta(milliseconds=1))
    return living(disks, local("20:58"))


@pytest.fixture
def evening(disks: Path) -> Village:
    """Within the allowed hours."""
    return living(disks, local("17:58"), noi_chuyen=TALK, ca_nhac=MUSIC)


def warn(village: Village, id: str = "kc-lu", template: str = "lu", **more: object) -> None:
    desk = village.office.desk
    desk.raise_alert(village.office.boss, id=id, template=template, anyway=True, **more)  # type: ignore[arg-type]


def stop(village: Village, id: str = "kc-lu") -> None:
    desk = village.office.desk
    desk.stop_alert(village.office.boss, id, based_on=desk.known(id)[-1].version)


def rounds(village: Village, id: str) -> list[AsRunEntry]:
    return [entry for entry in village.asrun() if entry.cue.programme == id]


def heard(village: Village, unit: str, id: str) -> list[Heard]:
    """The runs of sound of that alert under one pole, in order."""
    runs = (run for run in village.poles[unit].sounded if run.cue.programme == id and run.length)
    return sorted(runs, key=lambda run: run.begin)


def assert_once(village: Village, *ids: str) -> None:
    """One line for each round and unit, and each tells what sounded; never two at once."""
    lines = [line for line in village.asrun() if line.cue.programme in ids]
    assert max(Counter((line.cue, line.unit) for line in lines).values(), default=1) == 1
    for unit, pole in village.poles.items():
        assert_never_two_at_once(pole.sounded)
        for line in (line for line in lines if line.unit == unit):
            assert_told_truly(line, [run for run in pole.sounded if run.cue == line.cue])
    assert village.office.store.asrun.conflicts() == ()


def begins(runs: Iterable[Heard]) -> list[datetime]:
    return [run.begin for run in runs]


def seconds_between(moments: list[datetime]) -> list[float]:
    return [(later - sooner).total_seconds() for sooner, later in pairwise(moments)]


def test_an_alert_takes_the_air_from_a_talk_three_times_and_the_talk_goes_on_from_its_sentence(
    evening: Village,
) -> None:
    evening.at(local("18:21:25"), lambda: warn(evening))
    evening.run_until(local("18:30"))
    for unit in UNITS:
        runs = heard(evening, unit, "kc-lu")
        assert local("18:21:30") <= runs[0].begin <= local("18:21:30") + ON_TIME
        assert seconds_between(begins(runs)) == [STEP, STEP]
        talk = [run for run in evening.poles[unit].sounded if run.cue.programme == "noi-chuyen"]
        assert talk[0].begin + talk[0].length <= runs[0].begin
        assert talk[1].begin >= runs[-1].begin + runs[-1].length
        assert (
            talk[1].passage.skip == 60 * FRAME_RATE + 1
        )  # the sentence that was broken off, and the last one
    assert len({run.begin for unit in UNITS for run in heard(evening, unit, "kc-lu")}) == 3
    assert_once(evening, "kc-lu")
    assert {line.outcome for line in rounds(evening, "kc-lu")} == {Outcome.AIRED}
    assert len(rounds(evening, "kc-lu")) == 3 * len(UNITS)


def test_music_that_an_alert_took_the_air_from_goes_on_where_it_would_be_by_now(evening: Village) -> None:
    evening.at(local("18:01:25"), lambda: warn(evening))
    evening.run_until(local("18:11"))
    for unit in UNITS:
        music = [run for run in evening.poles[unit].sounded if run.cue.programme == "ca-nhac"]
        assert music[0].begin == local("18:00")
        assert abs(music[-1].begin + music[-1].length - local("18:10")) < timedelta(milliseconds=1)
    assert_once(evening, "kc-lu", "ca-nhac")


def test_an_alert_as_grave_waits_for_the_one_on_air_and_a_graver_one_does_not(evening: Village) -> None:
    evening.at(local("18:30"), lambda: warn(evening, "kc-chay-1", "chay"))
    evening.at(local("18:30:02"), lambda: warn(evening, "kc-chay-2", "chay"))
    evening.at(local("18:33"), lambda: warn(evening, "kc-chay-3", "chay"))
    evening.at(local("18:33:02"), lambda: warn(evening, "kc-lu", "lu"))
    evening.run_until(local("18:36"))
    for unit in UNITS:
        first, second = (heard(evening, unit, f"kc-chay-{number}") for number in (1, 2))
        assert begins(first)[0] < begins(second)[0]
        assert second[0].begin >= first[0].begin + first[0].length
        third, flood = heard(evening, unit, "kc-chay-3"), heard(evening, unit, "kc-lu")
        assert third[0].begin + third[0].length <= flood[0].begin <= local("18:33:07") + ON_TIME
    assert_once(evening, "kc-chay-1", "kc-chay-2", "kc-chay-3", "kc-lu")


def test_a_unit_that_was_away_sounds_an_alert_in_force_when_it_returns_in_step_with_the_others(
    village: Village,
) -> None:
    village.at(local("20:59:50"), lambda: village.wire.cut(village.poles["loa-ben"].unit))
    village.at(local("21:00"), lambda: warn(village))
    village.at(local("21:00:15"), village.wire.mend)
    village.run_until(local("21:05"))
    others, mine = heard(village, "loa-xa", "kc-lu"), heard(village, "loa-ben", "kc-lu")
    assert set(begins(mine)) & set(begins(others)), "it did not come in step"
    assert_once(village, "kc-lu")


def test_a_unit_that_returns_when_all_rounds_are_over_sounds_them_once_while_the_alert_is_in_force(
    village: Village,
) -> None:
    village.switch_off("loa-ben")
    village.at(local("21:00"), lambda: warn(village))
    village.at(local("21:30"), lambda: village.switch_on("loa-ben"))
    village.run_until(local("21:40"))
    assert len(heard(village, "loa-ben", "kc-lu")) == 3
    assert local("21:30") <= heard(village, "loa-ben", "kc-lu")[0].begin <= local("21:30:05")
    assert_once(village, "kc-lu")


def test_a_unit_that_returns_hears_that_the_alert_was_stopped_and_is_silent(village: Village) -> None:
    village.switch_off("loa-ben")
    village.at(local("21:00"), lambda: warn(village, every=timedelta(minutes=5), until=local("22:00")))
    village.at(local("21:02"), lambda: stop(village))
    village.at(local("21:10"), lambda: village.switch_on("loa-ben"))
    village.run_until(local("22:05"))
    assert heard(village, "loa-ben", "kc-lu") == []
    assert all(run.begin < local("21:02:01") for run in heard(village, "loa-xa", "kc-lu"))
    assert_once(village, "kc-lu")


def test_a_unit_that_fell_off_while_an_alert_repeats_and_lost_its_power_is_silent_once_it_hears_of_the_stop(
    village: Village,
) -> None:
    ben = village.poles["loa-ben"]
    village.at(local("21:00"), lambda: warn(village, every=timedelta(minutes=5), until=local("22:00")))
    village.at(local("21:01"), lambda: village.wire.cut(ben.unit))
    village.at(local("21:03"), ben.restart)
    village.at(local("21:07"), lambda: stop(village))
    village.at(local("21:13"), village.wire.mend)
    village.run_until(local("22:05"))
    mine = begins(heard(village, "loa-ben", "kc-lu"))
    assert any(local("21:05") < begin < local("21:06") for begin in mine)
    assert any(local("21:10") < begin < local("21:11") for begin in mine)  # nobody could tell it
    assert all(begin < local("21:13:05") for begin in mine)
    assert_once(village, "kc-lu")


def test_an_expired_alert_that_arrives_late_is_heard_by_nobody(village: Village) -> None:
    village.switch_off("loa-ben")
    village.at(local("21:00"), lambda: warn(village, expires=local("21:20")))
    village.at(local("21:30"), lambda: village.switch_on("loa-ben"))
    village.run_until(local("21:40"))
    orders = [raw for kind, unit, _, raw in village.wire.letters if (kind, unit) == ("orders", "loa-xa")]
    for raw in orders:  # and now somebody replays all that was ever said
        village.poles["loa-ben"].ordered(raw)
    village.run_until(local("21:50"))
    assert heard(village, "loa-ben", "kc-lu") == []
    assert len(heard(village, "loa-xa", "kc-lu")) == 3
    assert_once(village, "kc-lu")


@pytest.mark.parametrize("death", Death)
def test_a_hub_that_dies_between_the_raise_and_the_publish_sends_it_once_when_it_is_back(
    village: Village, death: Death
) -> None:
    village.at(local("21:00"), lambda: warn(village))
    fires = local("21:00") + COUNTDOWN
    died: list[datetime] = []

    def dies(_: int) -> Death | None:
        if not died and village.time.now() >= fires:
            died.append(village.time.now())
            return death
        return None

    village.kill_hub = dies
    village.run_until(local("21:05"))
    assert died
    for unit in UNITS:
        runs = heard(village, unit, "kc-lu")
        assert fires <= runs[0].begin <= fires + 3 * ON_TIME
        assert len(runs) == 3
    assert_once(village, "kc-lu")
    alert = village.office.desk.known("kc-lu")[0]
    assert alert.sent is not None
    assert alert.trouble == ""


def test_a_hub_that_was_off_until_the_alert_expired_says_that_it_was_not_sent(village: Village) -> None:
    village.office.kill()
    village.office_closed = True
    warn(village, expires=village.time.now() + timedelta(minutes=5))
    village.run_for(minutes=10)
    village.office_closed = False
    village.run_for(minutes=1)
    (alert,) = village.office.desk.known("kc-lu")
    assert alert.sent is None
    assert "not sent" in alert.trouble
    assert all(heard(village, unit, "kc-lu") == [] for unit in UNITS)


def test_with_hub_and_broker_dead_for_good_units_repeat_it_to_its_end_and_tell_of_each_round_later(
    village: Village,
) -> None:
    village.at(local("21:00"), lambda: warn(village, every=timedelta(minutes=10), until=local("22:00")))
    village.at(local("21:00:08"), village.wire.cut)
    for unit in UNITS:
        village.at(local("21:24"), village.poles[unit].restart)
    village.at(local("22:10"), village.wire.mend)
    village.run_until(local("22:15"))
    for unit in UNITS:
        assert len(heard(village, unit, "kc-lu")) == 6 * 3
    assert len(rounds(village, "kc-lu")) == 6 * 3 * len(UNITS)
    assert_once(village, "kc-lu")
    today = Spell(begin=local("16:00"), end=local("22:15"))
    assert village.discrepancies(today) == ()


def test_a_drill_within_the_allowed_hours_is_heard(evening: Village) -> None:
    desk, boss = evening.office.desk, evening.office.boss
    evening.at(local("18:12"), lambda: desk.raise_drill(boss, id="dt-chieu", template="lu"))
    evening.run_until(local("18:14"))
    assert all(heard(evening, unit, "dt-chieu") for unit in UNITS)
    assert_once(evening, "dt-chieu")


def test_a_drill_outside_the_allowed_hours_is_heard_by_nobody_and_it_is_told_why(village: Village) -> None:
    desk, boss = village.office.desk, village.office.boss
    village.at(local("21:00"), lambda: desk.raise_drill(boss, id="dt-dem", template="lu"))
    village.run_until(local("21:02"))
    assert all(not heard(village, unit, "dt-dem") for unit in UNITS)
    (drill,) = desk.known("dt-dem")
    assert "allowed hours" in drill.trouble


def test_two_officials_who_raise_the_same_alert_at_once_and_take_it_back_at_once_are_one(
    village: Village,
) -> None:
    village.at(local("21:00"), lambda: warn(village))
    village.at(local("21:00"), lambda: warn(village))
    village.at(local("21:00:03"), lambda: cancel(village))
    village.at(local("21:00:03"), lambda: cancel(village))
    village.run_until(local("21:05"))
    assert len(village.office.desk.known("kc-lu")) == 1
    assert all(heard(village, unit, "kc-lu") == [] for unit in UNITS)


def cancel(village: Village) -> None:
    village.office.desk.cancel_alert(village.office.boss, "kc-lu", 1)


def test_who_takes_it_back_a_moment_too_late_is_told_so_and_it_sounds_on(village: Village) -> None:
    village.at(local("21:00"), lambda: warn(village))
    village.run_until(local("21:00") + COUNTDOWN + ON_TIME)
    with pytest.raises(NotAllowed):
        cancel(village)
    village.run_for(minutes=2)
    assert all(len(heard(village, unit, "kc-lu")) == 3 for unit in UNITS)


def test_a_correction_replaces_at_once_what_sounds_and_what_was_to_come(village: Village) -> None:
    desk, boss = village.office.desk, village.office.boss
    village.at(local("21:00"), lambda: warn(village, every=timedelta(minutes=10), until=local("22:00")))
    village.at(local("21:00:08"), lambda: desk.correct_alert(boss, "kc-lu", based_on=1))
    village.run_until(local("22:10"))
    for unit in UNITS:
        runs = heard(village, unit, "kc-lu")
        assert len(runs) == 1 + 2
        assert runs[0].length < timedelta(seconds=ROUND)
        assert runs[1].begin <= local("21:00:08") + ON_TIME
    assert_once(village, "kc-lu")


def test_on_a_link_that_comes_and_goes_every_few_seconds_each_round_is_heard_once_and_told_once(
    village: Village,
) -> None:
    def flicker(step: int) -> tuple[str, ...]:
        if step % 3:
            village.wire.mend()
        else:
            village.wire.cut()
        return ()

    village.kill_units = flicker
    village.wire.loses = lambda answer: answer % 4 == 0
    village.at(local("21:00"), lambda: warn(village))
    village.run_until(local("21:10"))
    for unit in UNITS:
        assert len(heard(village, unit, "kc-lu")) == 3
    assert len(rounds(village, "kc-lu")) == 3 * len(UNITS)
    assert_once(village, "kc-lu")


def test_what_each_unit_did_is_told_on_the_board(village: Village) -> None:
    village.switch_off("loa-dinh")
    village.at(local("21:00"), lambda: warn(village))
    village.run_until(local("21:05"))
    receipts = village.office.store.alerts.receipts(village.office.desk.known("kc-lu")[0].id)
    started = {receipt.unit: receipt.started for receipt in receipts}
    assert started == {unit: heard(village, unit, "kc-lu")[0].begin for unit in ("loa-ben", "loa-xa")}


@pytest.mark.parametrize("kind", ["locked", "full"])
def test_a_store_that_takes_nothing_delays_no_alert_and_no_stop_and_knows_of_both_afterwards(
    village: Village, kind: str
) -> None:
    trouble = full_disk if kind == "full" else lambda: locked_store(village.office.folder)

    def in_trouble(act: Callable[[], object]) -> Callable[[], None]:
        def acted() -> None:
            with trouble():
                act()

        return acted

    village.at(local("20:59"), lambda: setattr(village.office, "trouble", trouble))
    village.at(local("21:00"), in_trouble(lambda: warn(village)))
    village.at(local("21:00:15"), in_trouble(lambda: stop(village)))
    village.at(local("21:01"), lambda: setattr(village.office, "trouble", nullcontext))
    village.run_until(local("21:02"))
    assert village.office.faults
    for unit in UNITS:
        (run,) = heard(village, unit, "kc-lu")
        assert local("21:00:05") <= run.begin <= local("21:00:05") + ON_TIME
        assert run.begin + run.length < local("21:00:15") + ON_TIME
    raised, stopped = village.office.desk.known("kc-lu")
    assert None not in (raised.fired, raised.sent)
    assert stopped.message is Message.STOP
    assert village.office.store.alerts.find(raised.id, 2) is not None
    assert_once(village, "kc-lu")
