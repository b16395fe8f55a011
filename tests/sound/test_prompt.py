"""How soon what is decided is heard, with a real sound server. `make bench-prompt` measures it."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from tests.sound.hearing import Capture
from tests.sound.onehorn import Decided, Horn, card

pytestmark = [pytest.mark.sound, pytest.mark.real_time]

TIMES = 6
SOON = 0.2
"""Seconds. It was 0.22 in silence and 0.27 in music when nothing that was laid could be taken back."""


@pytest.fixture(scope="module")
def decided(capture: Capture, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Decided]:
    horn = Horn(card("spk1"), tmp_path_factory.mktemp("prompt"))
    decided = Decided(horn, capture)
    decided.in_silence(3)  # the device is warm on a pole
    yield decided
    horn.stop()


def test_an_alert_is_heard_in_a_fifth_of_a_second_whatever_was_on_the_air(
    decided: Decided, record_property: Callable[[str, object], None]
) -> None:
    for what, heard in (("silence", decided.in_silence(TIMES)), ("music", decided.in_music(TIMES))):
        record_property(f"{what}_ms", [round(1000 * seconds) for seconds in heard])
        print(f"from a decision in {what} to its first sample: {np.round(1000 * np.array(heard))} ms")
        assert not np.isnan(heard).any()
        assert np.median(heard) < SOON
