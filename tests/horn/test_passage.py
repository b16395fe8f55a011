"""Which clips a passage is at: what is looked at when its sound breaks."""

from datetime import timedelta

import pytest

from broadcaster.domain.names import ClipId, CueId
from broadcaster.domain.plan import FRAME_RATE, Clip
from broadcaster.horn.passage import Passage
from tests.unit.box import NOON

HYMN, NEWS, TALE = (
    Clip(id=ClipId(letter * 64), frames=seconds * FRAME_RATE, joins=False)
    for letter, seconds in (("a", 60), ("b", 30), ("c", 7200))
)


@pytest.mark.parametrize("skip", [0, 20])
@pytest.mark.parametrize(
    ("place", "clips"),
    [
        (30.0, [HYMN]),
        (59.95, [HYMN, NEWS]),
        (60.05, [HYMN, NEWS]),
        (75.0, [NEWS]),
        (90.0, [NEWS, TALE]),
        (7289.99, [TALE]),
    ],
)
def test_when_sound_breaks_only_the_clips_about_there_are_read_again_and_no_recording_of_two_hours(
    skip: int, place: float, clips: list[Clip]
) -> None:
    cue = CueId("tin@2026-11-21T05:00:00")
    passage = Passage(cue=cue, begin=NOON, clips=(HYMN, NEWS, TALE), skip=skip * FRAME_RATE)
    assert list(passage.clips_about(NOON + timedelta(seconds=place - skip))) == clips
