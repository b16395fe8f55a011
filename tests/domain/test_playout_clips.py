"""A cue is due and its sound is not on the unit yet: how long it waits, and where it begins when it comes."""

import pytest

from broadcaster.domain.asrun import Outcome
from broadcaster.domain.plan import Clip, PlannedCue
from broadcaster.domain.playout import ClipsHeld, PlanArrived, Raised
from broadcaster.domain.programme import LatePolicy, Rank
from tests.domain.oneunit import OneUnit, alert, at, cue, hours, music, plan, speech

JOIN, WHOLE, SKIP = LatePolicy.JOIN, LatePolicy.WHOLE, LatePolicy.SKIP


def without(missing: tuple[Clip, ...], *cues: PlannedCue, on: str = "04:00") -> OneUnit:
    """A unit that has the plan, and all its clips but these."""
    laid = plan(*cues)
    unit = OneUnit(on=on)
    unit.when(on, PlanArrived(plan=laid, held=laid.clips - {clip.id for clip in missing}))
    return unit


def come(unit: OneUnit, clock: str, *clips: Clip) -> None:
    """These clips are on the unit now."""
    unit.when(clock, ClipsHeld(held=unit.state.held | {clip.id for clip in clips}))


def test_words_said_now_that_reach_a_unit_a_minute_later_are_said_once_and_whole() -> None:
    words = cue("hop-dan", "05:00", speech("hop-dan", "20s"))
    unit = without(words.clips, words)
    come(unit, "05:01", *words.clips)
    come(unit, "05:02", *words.clips)
    assert unit.until("06:00").heard == ["05:01:00 hop-dan 0-20"]
    assert unit.became("hop-dan") is Outcome.AIRED


def test_when_nothing_came_by_the_end_of_its_grace_it_was_not_ready() -> None:
    words = cue("hop-dan", "05:00", speech("hop-dan", "20s"), grace="3m")
    unit = without(words.clips, words)
    come(unit, "05:03:01", *words.clips)
    assert unit.until("06:00").heard == []
    assert unit.told("hop-dan") == (Outcome.NOT_READY, "none of its clips was on the unit")
    assert unit.ended("hop-dan") == at("05:03")


def test_a_hard_start_waits_its_minute_for_its_sound_and_then_cuts_what_it_may() -> None:
    anthem = cue("quoc-ca", "05:00", music("quoc-ca", "20s"), hard=True)
    filler = cue("nhac", "04:59", music("nhac", "5m"), rank=Rank.FILL)
    unit = without(anthem.clips, anthem, filler)
    come(unit, "05:00:40", *anthem.clips)
    assert unit.until("05:02").heard == ["04:59:00 nhac 0-100", "05:00:40 quoc-ca 0-20"]
    too_late = without(anthem.clips, anthem)
    come(too_late, "05:01:01", *anthem.clips)
    assert too_late.until("06:00").became("quoc-ca") is Outcome.NOT_READY


def test_what_waits_for_its_sound_keeps_nobody_from_the_air() -> None:
    waits = cue("a", "05:00", speech("a", "20s"), rank=Rank.PRIORITY)
    other = cue("b", "05:00:10", speech("b", "60s"))
    unit = without(waits.clips, waits, other)
    come(unit, "05:00:30", *waits.clips)
    assert unit.until("06:00").heard == ["05:00:10 b 0-60", "05:01:10 a 0-20"]


@pytest.mark.parametrize(
    ("late", "heard"),
    [(JOIN, ["05:01:00 vov 60-300"]), (WHOLE, ["05:01:00 vov 0-300"]), (SKIP, [])],
)
def test_sound_that_comes_in_the_middle_is_late_and_its_policy_decides(
    late: LatePolicy, heard: list[str]
) -> None:
    relay = cue("tiep-am", "05:00", music("vov", "5m"), late=late)
    unit = without(relay.clips, relay)
    come(unit, "05:01", *relay.clips)
    assert unit.until("06:00").heard == heard


def test_what_is_skipped_when_late_says_that_its_sound_came_too_late() -> None:
    wake = cue("bao-thuc", "05:00", music("nhac", "5m"), late=SKIP)
    unit = without(wake.clips, wake)
    come(unit, "05:01", *wake.clips)
    assert unit.told("bao-thuc") == (Outcome.SKIPPED, "its sound came to this unit after its time")


def test_sound_that_comes_a_moment_after_the_start_is_in_time_even_for_what_is_skipped_when_late() -> None:
    wake = cue("bao-thuc", "05:00", music("nhac", "5m"), late=SKIP)
    unit = without(wake.clips, wake)
    come(unit, "05:00:04", *wake.clips)
    assert unit.until("06:00").heard == ["05:00:04 nhac 0-300"]


@pytest.mark.parametrize("late", LatePolicy)
def test_what_would_have_waited_for_the_air_anyway_is_not_late_for_its_sound(late: LatePolicy) -> None:
    news = cue("thoi-su", "05:00", speech("tin", "60s"))
    after = cue("sau", "05:00:10", music("sau", "30s"), late=late)
    unit = without(after.clips, news, after)
    come(unit, "05:00:40", *after.clips)
    assert unit.until("06:00").heard == ["05:00:00 tin 0-60", "05:01:00 sau 0-30"]


def test_a_relay_whose_sound_comes_after_its_end_is_not_begun() -> None:
    relay = cue("tiep-am", "05:00", music("vov", "60s"), late=JOIN)
    unit = without(relay.clips, relay)
    come(unit, "05:02", *relay.clips)
    assert unit.until("06:00").heard == []
    assert unit.became("tiep-am") is Outcome.SKIPPED


def test_back_in_the_middle_of_a_concert_it_waits_for_the_clip_that_is_on_everywhere_else() -> None:
    """Its first clip comes first, and that one is over already."""
    pieces = tuple(music(f"bai-{number}", "60s") for number in range(4))
    unit = without(pieces, cue("nhac", "05:00", *pieces, late=JOIN), on="05:01:20")
    come(unit, "05:01:25", pieces[0])
    come(unit, "05:01:30", pieces[1])
    assert unit.until("06:00").heard == ["05:01:30 bai-1 30-60"]


def test_clips_that_come_after_it_has_begun_are_left_out_and_told() -> None:
    both = speech("tin-1", "20s"), speech("tin-2", "20s")
    unit = without(both, cue("ban-tin", "05:00", *both))
    come(unit, "05:00:10", both[1])
    come(unit, "05:00:20", both[0])
    assert unit.until("06:00").heard == ["05:00:10 tin-2 0-20"]
    assert unit.told("ban-tin") == (Outcome.PARTLY_AIRED, "20 of 40 s sounded; left out: tin-1")


def test_sound_that_comes_when_the_allowed_hours_are_over_is_not_heard() -> None:
    words = cue("hop-dan", "06:29", speech("hop-dan", "20s"))
    laid = plan(words, open=[hours("05:00", "06:30")])
    unit = OneUnit()
    unit.when("04:00", PlanArrived(plan=laid, held=frozenset()))
    come(unit, "06:31", *words.clips)
    assert unit.until("07:00").heard == []
    assert unit.told("hop-dan") == (Outcome.REFUSED, "the allowed hours ended while it waited")


def test_its_grace_stands_still_while_an_alert_holds_the_air() -> None:
    words = cue("hop-dan", "05:00", speech("hop-dan", "20s"), grace="1m")
    unit = without(words.clips, words)
    unit.raise_alert("05:00:30", "lu-quet", "5m")
    come(unit, "05:05:40", *words.clips)
    assert unit.until("06:00").heard[1:] == ["05:05:40 hop-dan 0-20"]


def test_a_new_plan_whose_sound_is_here_lets_what_waits_begin() -> None:
    old, new = speech("cu", "20s"), speech("moi", "20s")
    unit = without((old,), cue("tin", "05:00", old))
    changed = plan(cue("tin", "05:00", new), revision=2)
    unit.when("05:00:30", PlanArrived(plan=changed, held=changed.clips))
    assert unit.until("06:00").heard == ["05:00:30 moi 0-20"]


def test_a_cue_for_which_nothing_was_made_is_not_waited_for() -> None:
    unit = OneUnit(plan(cue("tin", "05:00", missing=("words: no voice could speak",)))).until("06:00")
    assert unit.became("tin") is Outcome.NOT_READY
    assert unit.ended("tin") == at("05:00")


def test_an_alert_that_began_with_its_siren_goes_on_without_the_words_that_came_later() -> None:
    siren, words = speech("coi", "20s"), speech("loi", "20s")
    unit = OneUnit(plan())
    unit.when("05:00", ClipsHeld(held=frozenset({siren.id})))
    storm = alert("bao", "05:00", siren, words)
    unit.when("05:00", Raised(cue=storm))
    come(unit, "05:00:05", words)
    assert unit.until("06:00").heard == ["05:00:00 coi 0-20"]
