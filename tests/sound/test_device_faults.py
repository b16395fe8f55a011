"""A horn that is unplugged, hangs or comes back under another name, while the village listens.

A real sound server, a unit as a process of its own with hub and broker dead, started again whenever it ends,
in an environment as bare as a service has. What was captured is held against the clip.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from operator import itemgetter
from pathlib import Path

import numpy as np
import pytest

from broadcaster import clock
from broadcaster.domain.asrun import AsRunEntry, Outcome
from broadcaster.domain.plan import FRAME_RATE
from broadcaster.domain.programme import LatePolicy
from broadcaster.horn.speaker import DEAD_DEVICE
from broadcaster.sound.codec import Samples
from broadcaster.unit.records import Records
from tests.judged import on_every_machine
from tests.sound.hearing import Capture, follows, level, murmur, whereabouts
from tests.sound.onebox import KeptBox
from tests.sound.plugs import Plugs
from tests.witness import crowded

pytestmark = [pytest.mark.sound, pytest.mark.real_time]

AHEAD = 5.0
"""Seconds from the start of the unit to its cue."""
FAULT = 2.0
"""Seconds into the cue at which the horn fails."""
LEFT, RIGHT = 0, 1
VOLUME = -6.0


@dataclass
class Evening:
    """A cue that was disturbed. Seconds count from the beginning of the cue; at `fault` it was."""

    box: KeptBox
    sound: Samples
    due: float
    fault: float
    heard: Samples

    @property
    def entry(self) -> AsRunEntry:
        (entry,) = Records(self.box.home.folder / "records").unsent()
        return entry

    @property
    def length(self) -> float:
        return len(self.sound) / FRAME_RATE

    @property
    def deaths(self) -> list[tuple[float, int]]:
        """How long after the mishap processes ended, and with which code."""
        return [(life.ended - self.due - self.fault, life.code) for life in self.box.lives]

    def followed(self, *sides: int) -> list[tuple[float, float]]:
        """When one of these horns says what it should, by twentieths of a second, and how many ms off."""
        at, fit = whereabouts(self.sound[: FRAME_RATE // 2], self.heard[: 2 * FRAME_RATE, LEFT])
        assert fit > 0.9
        assert abs(at - FRAME_RATE) < 0.03 * FRAME_RATE
        found = [follows(self.sound, self.heard[:, side], at, wander=FRAME_RATE // 20) for side in sides]
        best = (max(pieces, key=itemgetter(1)) for pieces in zip(*found, strict=True))
        return [(number / 20, 1000 * lag / FRAME_RATE) for number, (lag, fit) in enumerate(best) if fit > 0.9]

    def silences(self, *sides: int) -> list[tuple[float, float]]:
        """From when to when none of these horns says what it should, counted from the mishap."""
        said = [0.0, *(when for when, _ in self.followed(*sides)), self.length]
        return [(was + 0.05 - self.fault, now - self.fault) for was, now in pairwise(said) if now - was > 0.3]

    def off(self, since: float, *sides: int) -> float:
        """How far from its place in the clip it is from so long after the mishap on, in ms."""
        lags = [abs(lag) for when, lag in self.followed(*sides) if when >= self.fault + since]
        assert lags
        return float(np.median(lags))

    def tell(self, what: str) -> None:
        """Say what was measured, in seconds from the mishap on."""
        deaths = [f"{after:.2f} ({code})" for after, code in self.deaths]
        silences = [f"{begin:+.2f} to {end:+.2f}" for begin, end in self.silences(LEFT, RIGHT)]
        after = self.entry.planned + timedelta(seconds=self.fault)
        stretches = [
            f"{(told.begin - after).total_seconds():+.2f} to {(told.end - after).total_seconds():+.2f}"
            for told in self.entry.stretches
        ]
        print(f"{what}: processes ended {deaths}; silent {silences}; told {stretches}")

    def loudness(self, begin: float, length: float) -> float:
        """By how many dB the left horn is quieter than the clip, from so long after the mishap on."""
        wanted, heard = (
            sound[round(first * FRAME_RATE) :][: round(length * FRAME_RATE)]
            for sound, first in (
                (self.sound, self.fault + begin),
                (self.heard[:, LEFT], self.fault + begin + 1),
            )
        )
        return level(heard) - level(wanted)

    def is_told_as_heard(self) -> None:
        """The record of the cue is one line; it claims what was heard, and no more than lay in the device."""
        with on_every_machine():
            assert self.entry.outcome is Outcome.PARTLY_AIRED
            assert len(self.entry.stretches) >= 2
        silent = sum(end - begin for begin, end in self.silences(LEFT, RIGHT))
        claimed = self.entry.played.total_seconds()
        assert self.length - silent - 1.0 < claimed < self.length - silent + 0.5


class Village:
    """One sound server, one unit that is kept alive, and what is heard from it."""

    def __init__(self, folder: Path, *, rescues: bool, two: bool) -> None:
        self.slower = 2 if crowded() else 1
        (folder / "sound").mkdir()
        self.horns = Plugs(folder / "sound", rescues=rescues, two=two)
        self.horns.start()
        self.capture = Capture(self.horns)
        self.capture.start()
        bare = {"PATH": "/usr/bin:/bin", **self.horns.environ}
        self.box = KeptBox(folder / "unit", "loa", environ=bare, volume=VOLUME)

    def begin(self, length: float) -> None:
        """Wait until a cue of so many seconds has been heard for a while."""
        self.length = length
        self.due = clock.monotonic() + AHEAD * self.slower
        self.sound = self.box.lay(murmur(length), at=self.due, late=LatePolicy.JOIN)
        self.box.keep()
        self.wait(FAULT)

    def wait(self, until: float) -> None:
        """Until so many seconds into the cue."""
        time.sleep(max(self.due + until - clock.monotonic(), 0))

    def now(self) -> float:
        return clock.monotonic() - self.due

    def end(self, fault: float) -> Evening:
        """Wait until it is over; `fault` is when the mishap was."""
        self.wait(self.length + 1.0)
        heard = self.capture.heard(self.due - 1, self.due + self.length + 1)
        until = clock.monotonic() + 10
        while not any((self.box.home.folder / "records" / "waiting").iterdir()):
            assert clock.monotonic() < until, f"there is no line of it: {self.box.words[-4000:]}"
            time.sleep(0.1)
        self.box.let_go()
        return Evening(self.box, self.sound, self.due, fault, heard)

    def stop(self) -> None:
        self.box.let_go()
        self.capture.stop()
        self.horns.stop()


@pytest.fixture
def village(request: pytest.FixtureRequest, tmp_path: Path, sound_server: object) -> Iterator[Village]:
    village = Village(tmp_path, **request.param)
    yield village
    village.stop()


bare = pytest.mark.parametrize("village", [{"rescues": False, "two": False}], indirect=True)
served = pytest.mark.parametrize("village", [{"rescues": True, "two": True}], indirect=True)


@bare
def test_a_horn_unplugged_and_plugged_in_again_goes_on_at_the_right_word(village: Village) -> None:
    village.begin(4 + 5 * village.slower)
    village.horns.unplug("loa")
    fault = village.now()
    village.wait(fault + 1)
    village.horns.plug("loa", at="loa")
    evening = village.end(fault)
    evening.tell("unplugged")
    with on_every_machine():
        (first, code), *others = evening.deaths
        assert code == DEAD_DEVICE
        assert {code for _, code in others} <= {1}
    assert first < 2
    ((silent, joined),) = evening.silences(LEFT)
    assert silent < 0.1
    assert joined < 5 * village.slower
    assert evening.off(joined, LEFT) < 10
    evening.is_told_as_heard()
    assert evening.loudness(joined, 0.1) < VOLUME - 6  # it rises, and nobody is startled
    assert evening.loudness(joined + 1.5, 1.0) == pytest.approx(VOLUME, abs=0.5)


@bare
def test_a_horn_that_hangs_is_given_up_and_joined_again_and_a_broken_relay_changes_nothing(
    village: Village,
) -> None:
    village.box.more = ("--amplifier", "GPIO17", "--lead", "300ms")
    village.begin(4 + 5 * village.slower)
    village.horns.hang()
    fault = village.now()
    village.wait(fault + 3)
    village.horns.go_on()
    evening = village.end(fault)
    evening.tell("hung")
    with on_every_machine():
        assert evening.deaths[0][1] == DEAD_DEVICE
        assert "the relay at GPIO17 cannot be switched" in village.box.words
    ((first, _),) = evening.deaths
    assert first < 2.5
    ((_, joined),) = evening.silences(LEFT)
    assert joined < 5 * village.slower
    assert evening.off(joined, LEFT) < 10
    evening.is_told_as_heard()


@served
def test_a_horn_under_another_name_is_stood_in_for_until_it_is_back_under_its_own(village: Village) -> None:
    village.begin(4 + 9 * village.slower)
    village.horns.unplug("loa")
    fault = village.now()
    village.horns.plug("loa-3", at="loa")
    back = fault + 3.5 * village.slower
    village.wait(back)
    village.horns.unplug("loa-3")
    village.horns.plug("loa", at="loa")
    evening = village.end(fault)
    evening.tell("renamed")
    with on_every_machine():
        assert evening.deaths[-1][1] == DEAD_DEVICE
        assert "speaking through 'default' in place of 'loa'" in village.box.words
        assert "(stand-in for loa) the sound device 'loa' is back" in village.box.words
    (first, *_), (second, _) = evening.deaths
    assert first < 2
    stood_in = evening.silences(RIGHT)[1][1]
    assert stood_in < 5 * village.slower
    assert evening.off(stood_in, RIGHT) < 10
    taken_over = evening.silences(LEFT)[-1][1]
    assert taken_over < second + 4 * village.slower
    assert evening.off(taken_over, LEFT) < 10
    evening.is_told_as_heard()
