"""The amplitude by itself: no jump, and silence at its instant, whatever is asked and when."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.horn.fading import FADE, RAMP, RISE, Fader, rise_after
from broadcaster.sound.codec import Samples

LOUD = st.floats(0.001, 1.0)


def ones(frames: int) -> Samples:
    return np.ones(frames, np.float32)


@pytest.mark.parametrize(
    ("missed", "rise"), [(0, RAMP), (100, RAMP), (4800, 4800), (RISE, RISE), (10 * RISE, RISE)]
)
def test_who_missed_much_is_given_it_slowly_and_who_missed_nothing_at_once(missed: int, rise: int) -> None:
    assert rise_after(missed) == rise
    path = Fader(1.0, rise=rise).shaped(ones(rise))
    assert path[-2] < 1.0
    assert path[-1] == pytest.approx(1.0, abs=1e-4)


@given(
    aims=st.lists(st.tuples(LOUD, st.integers(1, 3000)), min_size=1, max_size=6),
    rise=st.integers(RAMP, RISE),
    prompt=st.booleans(),
)
def test_it_never_jumps(aims: list[tuple[float, int]], rise: int, prompt: bool) -> None:
    fader = Fader(aims[0][0], rise=rise, prompt=prompt)
    parts = [np.zeros(1, np.float32)]
    for aim, frames in aims:
        fader.aim_at(aim)
        parts.append(fader.shaped(ones(frames)))
    steps = np.diff(np.concatenate(parts))
    assert steps.max() < 1 / RAMP + 2e-4
    assert steps.min() > -1 / FADE - 2e-4


@given(
    aims=st.tuples(LOUD, LOUD),
    rise=st.integers(RAMP, RISE),
    before=st.integers(0, 3000),
    left=st.integers(0, 6000),
)
def test_it_is_silent_at_its_instant_or_a_fade_later(
    aims: tuple[float, float], rise: int, before: int, left: int
) -> None:
    fader = Fader(aims[0], rise=rise)
    fader.shaped(ones(before))
    fader.aim_at(aims[1])
    goes_on = fader.before_leaving(left)
    reached = fader.shaped(ones(goes_on))
    takes = fader.leave()
    last = fader.shaped(ones(takes + 1))
    assert fader.silent
    assert last[-1] == 0.0
    assert takes <= FADE + 1
    if goes_on:
        assert -2 - FADE // RAMP <= goes_on + takes - left <= 1 + FADE * 2e-4
        assert len(reached) == goes_on
