"""A horn that does not sound is stood in for, and takes its place again when it is back."""

import threading

import pytest

from broadcaster.domain.plan import FRAME_RATE
from broadcaster.horn.soundserver import sink_of
from broadcaster.horn.speaker import NoSpeaker, PacedSpeaker, Speaker
from broadcaster.horn.standin import OrStandIn
from tests.unit.box import Time


class Sockets:
    """What a box has: devices that sound, and devices that are listed and do not."""

    def __init__(self, *sound: str, dead: tuple[str, ...] = ()) -> None:
        self._sound = sound
        self._dead = dead
        self.time = Time()
        self.asked: list[str] = []
        self.back = threading.Event()
        self.looked = threading.Event()

    def way(self, name: str) -> Speaker:
        self.asked.append(name)
        if name in self._sound:
            return PacedSpeaker(lambda _: None, name=name, clock=self.time.monotonic)
        raise NoSpeaker(f"{name!r} takes no sound" if name in self._dead else f"there is no {name!r}")

    def is_back(self, wanted: str) -> bool:
        self.looked.set()
        return self.back.is_set()

    def speaker(self, wanted: str, *others: str, looks: int = 0) -> OrStandIn:
        return OrStandIn(wanted, others, way=self.way, is_back=self.is_back, looks=[0.001] * looks)


def test_the_horn_that_was_asked_for_is_spoken_through_and_nothing_else_is_touched() -> None:
    sockets = Sockets("horn", "jack")
    speaker = sockets.speaker("horn", "jack")
    speaker.start()
    assert speaker.name == "horn"
    assert not speaker.stand_in
    assert sockets.asked == ["horn"]
    assert speaker.lost is None
    speaker.stop()


@pytest.mark.parametrize("dead", [(), ("horn", "hdmi")])
def test_a_horn_that_is_gone_or_takes_no_sound_is_stood_in_for_and_it_is_said(
    dead: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    sockets = Sockets("jack", "usb", dead=dead)
    speaker = sockets.speaker("horn", "hdmi", "horn", "jack", "usb")
    speaker.start()
    assert speaker.name == "jack (stand-in for horn)"
    assert speaker.stand_in
    assert sockets.asked == ["horn", "hdmi", "jack"]
    (told,) = caplog.messages
    assert told.startswith("speaking through 'jack' in place of 'horn'")
    speaker.stop()


def test_a_stand_in_takes_frames_as_the_horn_would() -> None:
    sockets = Sockets("jack")
    speaker = sockets.speaker("horn", "jack")
    assert speaker.ring.taken == 0
    assert speaker.sounds_at(0) is None
    speaker.start()
    sounds = speaker.sounds_at(FRAME_RATE)
    assert sounds == pytest.approx(sockets.time.seconds + 1, abs=0.02)
    assert sounds is not None
    assert speaker.frame_at(sounds) == pytest.approx(FRAME_RATE)
    speaker.stop()


def test_where_nothing_sounds_it_is_said_what_was_tried() -> None:
    speaker = Sockets(dead=("hdmi",)).speaker("horn", "hdmi")
    with pytest.raises(NoSpeaker, match=r"there is no 'horn'; nothing else here sounds either"):
        speaker.start()
    with pytest.raises(NoSpeaker, match=r"^there is no 'horn'$"):
        Sockets().speaker("horn").start()


def test_a_horn_that_is_back_ends_its_stand_in_and_one_that_stays_away_does_not() -> None:
    sockets = Sockets("jack")
    speaker = sockets.speaker("horn", "jack", looks=100_000)
    speaker.start()
    assert sockets.looked.wait(5)
    assert speaker.lost is None
    sockets.back.set()
    for _ in range(5000):
        if speaker.lost is not None:
            break
        sockets.looked.clear()
        sockets.looked.wait(0.001)
    assert speaker.lost == "the sound device 'horn' is back"
    speaker.stop()


LISTED = """Sink Input #3
\tDriver: module-remap-sink.c
\tClient: n/a
\tSink: 0
\tProperties:
\t\tmedia.name = "Remapped Stream"

Sink Input #12
\tDriver: protocol-native.c
\tClient: 7
\tSink: {sink}
\tProperties:
\t\tapplication.process.id = "4711"
\t\tapplication.process.binary = "python3.11"
"""


def test_a_stream_that_the_sound_server_has_moved_is_found_out() -> None:
    assert sink_of(4711, LISTED.format(sink=4)) == "4"
    assert sink_of(4711, LISTED.format(sink=5)) == "5"


def test_where_no_sound_server_knows_of_us_nothing_is_concluded() -> None:
    assert sink_of(47, LISTED.format(sink=4)) is None
    assert sink_of(4711, "") is None
    assert sink_of(4711, LISTED.format(sink="n/a")) is None
