"""What the box may expect of a player, asked of the real one and of the one on paper."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from broadcaster.domain.names import ClipId, CueId
from broadcaster.domain.plan import FRAME_RATE, Clip
from broadcaster.horn.passage import Passage
from broadcaster.horn.player import Heard
from broadcaster.unit.box import Plays
from tests.days.hours import Time
from tests.days.paper import PaperPlayer
from tests.unit.box import NOON, Box, speech

FADE = timedelta(milliseconds=400)
"""The longest a real horn goes on after it was decided otherwise: what is laid is laid."""


def after_noon(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


class Stage(ABC):
    """A player, and time that only `run` moves. It is noon."""

    player: Plays

    @abstractmethod
    def clip(self, seconds: float) -> Clip: ...

    @abstractmethod
    def run(self, seconds: float) -> None: ...

    @property
    @abstractmethod
    def now(self) -> datetime: ...

    def __init__(self) -> None:
        self.told: dict[int, Heard] = {}
        self.gone: set[int] = set()

    def follow(self, *passages: Passage) -> None:
        self.player.follow(passages)

    def listen(self) -> list[Heard]:
        """Every run so far, as it was told of last."""
        for heard in self.player.heard():
            assert heard.first not in self.gone, "a run that is done is told of for the last time"
            self.told[heard.first] = heard
            if heard.done:
                self.gone.add(heard.first)
        return [self.told[first] for first in sorted(self.told)]

    def passage(
        self,
        *clips: Clip,
        at: float,
        until: float | None = None,
        expires: float | None = None,
        cue: str = "tin",
    ) -> Passage:
        """These clips, from so many seconds after noon on."""
        return Passage(
            cue=CueId(f"{cue}@2026-11-21T19:00:00"),
            begin=after_noon(at),
            clips=clips,
            until=None if until is None else after_noon(until),
            expires=None if expires is None else after_noon(expires),
        )


class RealStage(Stage):
    def __init__(self) -> None:
        super().__init__()
        self._box = Box()
        self.player = self._box.player

    def clip(self, seconds: float) -> Clip:
        return self._box.shelf.add(speech(seconds, seed=len(self._box.shelf.samples)))

    def run(self, seconds: float) -> None:
        self._box.run(seconds)

    @property
    def now(self) -> datetime:
        return self._box.time.now()


class PaperStage(Stage):
    def __init__(self) -> None:
        super().__init__()
        self._time = Time(NOON)
        self.player = PaperPlayer(self._time.now)
        self._clips = 0

    def clip(self, seconds: float) -> Clip:
        self._clips += 1
        return Clip(id=ClipId(f"{self._clips:064x}"), frames=round(seconds * FRAME_RATE), joins=False)

    def run(self, seconds: float) -> None:
        self._time.pass_by(timedelta(seconds=seconds))

    @property
    def now(self) -> datetime:
        return self._time.now()


@pytest.fixture(params=[PaperStage, RealStage])
def stage(request: pytest.FixtureRequest) -> Stage:
    made = request.param()
    assert isinstance(made, Stage)
    made.run(1)
    return made


def lengths(heard: Sequence[Heard]) -> list[timedelta]:
    return [run.length for run in heard]


def test_a_passage_told_ahead_is_heard_at_its_very_instant_and_whole(stage: Stage) -> None:
    stage.follow(stage.passage(stage.clip(1), stage.clip(1), at=2))
    stage.run(4)
    (run,) = stage.listen()
    assert run.begin == after_noon(2)
    assert run.length == timedelta(seconds=2)
    assert run.done


def test_what_is_told_grows_while_it_sounds_and_is_not_done_before_it_is_over(stage: Stage) -> None:
    stage.follow(stage.passage(stage.clip(3), at=2))
    stage.run(2)
    (first,) = stage.listen()
    assert timedelta(seconds=0.8) < first.length <= timedelta(seconds=1)
    assert not first.done
    stage.run(1)
    (second,) = stage.listen()
    assert second.length > first.length
    assert not second.done
    stage.run(2)
    assert stage.listen()[0].done
    assert stage.player.heard() == ()


def test_a_passage_that_is_wanted_again_and_again_goes_on_and_is_not_begun_anew(stage: Stage) -> None:
    wanted = stage.passage(stage.clip(2), at=2)
    for _ in range(20):
        stage.follow(wanted)
        stage.run(0.2)
    assert lengths(stage.listen()) == [timedelta(seconds=2)]


def test_a_passage_that_must_end_is_silent_at_that_instant(stage: Stage) -> None:
    stage.follow(stage.passage(stage.clip(5), at=2, until=4))
    stage.run(4)
    (run,) = stage.listen()
    assert run.done
    assert run.begin + run.length == after_noon(4)


def test_the_end_of_a_passage_that_sounds_may_still_be_brought_forward(stage: Stage) -> None:
    wanted = stage.passage(stage.clip(5), at=2)
    stage.follow(wanted)
    stage.run(2)
    stage.follow(replace(wanted, until=after_noon(4)))
    stage.run(3)
    assert lengths(stage.listen()) == [timedelta(seconds=2)]


def test_a_passage_that_is_not_wanted_any_more_falls_silent_at_once(stage: Stage) -> None:
    stage.follow(stage.passage(stage.clip(5), at=2))
    stage.run(2)
    stopped = stage.now
    stage.follow()
    stage.run(2)
    (run,) = stage.listen()
    assert run.done
    assert stopped <= run.begin + run.length <= stopped + FADE


def test_a_passage_told_too_late_is_joined_where_it_would_be(stage: Stage) -> None:
    stage.run(2)
    told = stage.now
    stage.follow(stage.passage(stage.clip(5), at=2))
    stage.run(5)
    (run,) = stage.listen()
    assert told <= run.begin <= told + FADE
    assert abs(run.begin + run.length - after_noon(7)) < timedelta(milliseconds=1)


def test_a_passage_that_is_over_when_it_is_told_is_not_heard(stage: Stage) -> None:
    stage.run(4)
    stage.follow(stage.passage(stage.clip(1), at=2), stage.passage(stage.clip(1), at=6, cue="sau"))
    stage.run(4)
    assert [run.cue.programme for run in stage.listen()] == ["sau"]


def test_two_passages_that_touch_follow_without_a_gap_and_never_together(stage: Stage) -> None:
    stage.follow(stage.passage(stage.clip(3), at=2, until=3, cue="nhac"), stage.passage(stage.clip(1), at=3))
    stage.run(5)
    first, second = stage.listen()
    assert first.begin + first.length == second.begin == after_noon(3)
    assert second.length == timedelta(seconds=1)


def test_what_was_to_come_and_is_not_wanted_any_more_is_never_heard(stage: Stage) -> None:
    stage.follow(stage.passage(stage.clip(1), at=3))
    stage.run(1)
    stage.follow()
    stage.run(4)
    assert stage.listen() == []


def test_what_comes_too_late_to_the_horn_is_not_begun_when_it_has_expired(stage: Stage) -> None:
    """It waits for the end of what is on air, in the player alone: the box would not have let it."""
    first, second = stage.clip(3), stage.clip(2)
    stage.follow(stage.passage(first, at=1.5, cue="a"), stage.passage(second, at=3, expires=4, cue="b"))
    stage.run(6)
    assert [run.cue.programme for run in stage.listen()] == ["a"]


def test_what_begins_before_it_expires_is_heard_to_its_end(stage: Stage) -> None:
    stage.follow(stage.passage(stage.clip(2), at=2, expires=2.5))
    stage.run(4)
    assert lengths(stage.listen()) == [timedelta(seconds=2)]


def test_what_comes_to_the_horn_after_the_hours_are_over_is_not_begun(stage: Stage) -> None:
    first, second = stage.clip(3), stage.clip(2)
    stage.follow(stage.passage(first, at=1.5, cue="a"), stage.passage(second, at=3, until=4, cue="b"))
    stage.run(6)
    assert [run.cue.programme for run in stage.listen()] == ["a"]
