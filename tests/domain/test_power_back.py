"""The whole table of power coming back: each late policy, speech and music, within and after, clock and disk.

A programme of two items of ten minutes each is due at 05:00, with ten minutes' grace. What the table says of
a moment holds for power that comes back then, and for a clock that is trusted only then.
"""

import pytest

from broadcaster.domain.asrun import Outcome
from broadcaster.domain.plan import FRAME_RATE, Clip, PlannedCue
from broadcaster.domain.playout import ClockTrusted, FoundOpen, PlanArrived
from broadcaster.domain.programme import LatePolicy
from tests.domain.oneunit import OneUnit, at, cue, music, plan, speech

JOIN, WHOLE, SKIP = LatePolicy.JOIN, LatePolicy.WHOLE, LatePolicy.SKIP
AIRED, PARTLY, SKIPPED, ABANDONED = (
    Outcome.AIRED,
    Outcome.PARTLY_AIRED,
    Outcome.SKIPPED,
    Outcome.ABANDONED,
)

SPEECH = (speech("mot", "10m"), speech("hai", "10m"))
MUSIC = (music("mot", "10m"), music("hai", "10m"))
FROM_THE_TOP = ["mot 0-600", "hai 0-600"]

NEVER_BEGUN: list[tuple[LatePolicy, tuple[Clip, ...], str, Outcome, list[str]]] = [
    (JOIN, MUSIC, "05:00:02", PARTLY, ["mot 2-600", "hai 0-600"]),
    (JOIN, MUSIC, "05:05", PARTLY, ["mot 300-600", "hai 0-600"]),
    (JOIN, MUSIC, "05:15", PARTLY, ["hai 300-600"]),
    (JOIN, MUSIC, "05:20", SKIPPED, []),
    (JOIN, SPEECH, "05:05", AIRED, FROM_THE_TOP),
    (JOIN, SPEECH, "05:15", PARTLY, ["hai 0-600"]),
    (JOIN, SPEECH, "05:20", SKIPPED, []),
    (WHOLE, MUSIC, "05:05", AIRED, FROM_THE_TOP),
    (WHOLE, MUSIC, "05:15", AIRED, FROM_THE_TOP),
    (WHOLE, MUSIC, "05:20", AIRED, FROM_THE_TOP),
    (WHOLE, MUSIC, "05:20:01", SKIPPED, []),
    (WHOLE, SPEECH, "05:05", AIRED, FROM_THE_TOP),
    (WHOLE, SPEECH, "05:20:01", SKIPPED, []),
    (SKIP, MUSIC, "05:00:05", AIRED, FROM_THE_TOP),
    (SKIP, MUSIC, "05:05", SKIPPED, []),
    (SKIP, MUSIC, "05:20", SKIPPED, []),
    (SKIP, SPEECH, "05:05", SKIPPED, []),
]
"""Policy, what it plays, when the unit can play again, and what becomes of it."""

BROKEN_OFF: list[tuple[LatePolicy, tuple[Clip, ...], str, Outcome, list[str]]] = [
    (JOIN, MUSIC, "05:04:03", PARTLY, ["mot 243-600", "hai 0-600"]),
    (JOIN, MUSIC, "05:15", PARTLY, ["hai 300-600"]),
    (JOIN, MUSIC, "05:20", ABANDONED, []),
    (JOIN, SPEECH, "05:04:03", AIRED, FROM_THE_TOP),
    (JOIN, SPEECH, "05:15", PARTLY, ["hai 0-600"]),
    (JOIN, SPEECH, "05:20", ABANDONED, []),
    (WHOLE, MUSIC, "05:04:03", AIRED, FROM_THE_TOP),
    (WHOLE, MUSIC, "05:20", AIRED, FROM_THE_TOP),
    (WHOLE, MUSIC, "05:20:01", ABANDONED, []),
    (WHOLE, SPEECH, "05:04:03", AIRED, FROM_THE_TOP),
    (WHOLE, SPEECH, "05:20:01", ABANDONED, []),
    (SKIP, MUSIC, "05:04:03", ABANDONED, []),
    (SKIP, SPEECH, "05:04:03", ABANDONED, []),
    (SKIP, SPEECH, "05:20", ABANDONED, []),
]
"""The same when it had begun at 05:00 and the power went after four minutes of it."""


def due(late: LatePolicy, clips: tuple[Clip, ...]) -> PlannedCue:
    return cue("tin", "05:00", *clips, late=late)


def pieces(unit: OneUnit) -> list[str]:
    """What was heard, without the clock."""
    return [piece.partition(" ")[2] for piece in unit.heard]


def test_the_table_has_every_policy_with_speech_and_music_within_and_after() -> None:
    for table in (NEVER_BEGUN, BROKEN_OFF):
        named = {(late, clips is MUSIC) for late, clips, *_ in table}
        assert named == {(late, is_music) for late in LatePolicy for is_music in (True, False)}


@pytest.mark.parametrize("clock_late", [False, True], ids=["clock known", "clock known only then"])
@pytest.mark.parametrize(("late", "clips", "back", "outcome", "heard"), NEVER_BEGUN)
def test_power_or_the_time_comes_back_and_nothing_had_begun(
    late: LatePolicy,
    clips: tuple[Clip, ...],
    back: str,
    outcome: Outcome,
    heard: list[str],
    *,
    clock_late: bool,
) -> None:
    laid = plan(due(late, clips))
    unit = OneUnit(trusted=False, on="04:59" if clock_late else back)
    if clock_late:
        unit.when("04:59", PlanArrived(plan=laid, held=laid.clips))
        assert unit.until(back).heard == [], "it does not know the time"
    unit.when(back, ClockTrusted(trusted=True))
    unit.when(back, PlanArrived(plan=laid, held=laid.clips))
    unit.until("07:00")
    assert pieces(unit) == heard
    assert unit.became("tin") is outcome


@pytest.mark.parametrize("clock_late", [False, True], ids=["clock known", "clock known only then"])
@pytest.mark.parametrize(("late", "clips", "back", "outcome", "heard"), BROKEN_OFF)
def test_power_comes_back_when_four_minutes_had_sounded(
    late: LatePolicy,
    clips: tuple[Clip, ...],
    back: str,
    outcome: Outcome,
    heard: list[str],
    *,
    clock_late: bool,
) -> None:
    laid = plan(due(late, clips))
    unit = OneUnit(trusted=False, on="05:04:01" if clock_late else back)
    begun, last = at("05:00"), at("05:04")
    found = FoundOpen(cue=laid.cues[0], revision=1, begun=begun, last=last, clip=0, offset=240 * FRAME_RATE)
    on = "05:04:01" if clock_late else back
    unit.when(on, found)
    unit.when(on, PlanArrived(plan=laid, held=laid.clips))
    assert unit.until(back).heard == [], "it does not know the time"
    unit.when(back, ClockTrusted(trusted=True))
    unit.until("07:00")
    assert pieces(unit) == heard
    assert unit.became("tin") is outcome
