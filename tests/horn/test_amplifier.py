"""The amplifier's relay against the frames of the horn: a real player at fake speed, gpiozero's own pins."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import gpiozero
import numpy as np
import pytest
from gpiozero.pins.mock import MockFactory, MockPin
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.plan import FRAME_RATE
from broadcaster.domain.programme import LatePolicy
from broadcaster.horn.amplifier import Amplified, Amplifier, Relay, spell
from broadcaster.horn.relay import GpioRelay, RelayFault
from broadcaster.horn.speaker import PacedSpeaker
from broadcaster.sound.codec import Samples
from tests.unit.box import STARTED, Shelf, Time, speech
from tests.unit.pole import Pole, cue

LEAD, HOLD = 0.4, 5.0
STEP = 0.011
"""Seconds: one step of the fake time, and a little."""

moments = st.floats(0, 100, allow_nan=False)
sounds = st.lists(st.tuples(moments, st.floats(0.1, 20)).map(lambda s: (s[0], s[0] + s[1])), max_size=6)


@given(moments, sounds, st.floats(0, 2), st.floats(0, 30))
def test_the_relay_is_closed_from_lead_before_to_hold_after_whatever_sounds_and_at_no_other_time(
    now: float, sounding: list[tuple[float, float]], lead: float, hold: float
) -> None:
    on, until = spell(now, sounding, lead=lead, hold=hold)
    assert on == any(begin - lead <= now < end + hold for begin, end in sounding)
    assert until > now
    edges = [edge for begin, end in sounding for edge in (begin - lead, end + hold)]
    assert until == float("inf") or until in edges


@given(moments, sounds, st.floats(0, 2), st.floats(0, 30), st.floats(0, 1))
def test_until_it_said_the_relay_does_not_move(
    now: float, sounding: list[tuple[float, float]], lead: float, hold: float, part: float
) -> None:
    on, until = spell(now, sounding, lead=lead, hold=hold)
    between = now + part * (min(until, 1e6) - now)
    if between < until:
        assert spell(between, sounding, lead=lead, hold=hold) == (on, until)
    if until < 1e6:
        assert spell(until, sounding, lead=lead, hold=hold)[0] != on


@pytest.fixture
def pin() -> Iterator[MockPin]:
    """GPIO17 of a box without a box: gpiozero's own pins for tests."""
    before, gpiozero.Device.pin_factory = gpiozero.Device.pin_factory, MockFactory()
    yield gpiozero.Device.pin_factory.pin("GPIO17")
    gpiozero.Device.pin_factory.reset()
    gpiozero.Device.pin_factory = before


class Broken:
    """A relay whose pin is not there, until it is mended."""

    name = "GPIO17"
    broken = True
    closed = False

    def set(self, closed: bool) -> None:
        if self.broken:
            raise RelayFault("the pin is gone")
        self.closed = closed


class Loud(Pole):
    """A pole with an amplifier that was switched off until now; `edges` are when its relay moved."""

    amplifier: Amplifier

    def __init__(self, folder: Path, relay: Relay, *, hold: float = HOLD) -> None:
        def behind(speaker: PacedSpeaker, time: Time, shelf: Shelf) -> Amplified:
            self.amplifier = Amplifier(
                relay, time, lead=timedelta(seconds=LEAD), hold=timedelta(seconds=hold)
            )
            return Amplified(speaker, time, shelf, amplifier=self.amplifier)

        super().__init__(folder, behind)

    def step(self) -> None:
        self.amplifier.step()

    def live(self, seconds: float, closed: MockPin) -> list[tuple[float, bool]]:
        """Let time pass; when the relay moved (seconds after noon), and whether it closed."""
        edges: list[tuple[float, bool]] = []
        last = bool(closed.state)

        def look() -> None:
            nonlocal last
            self.amplifier.step()
            if bool(closed.state) != last:
                last = bool(closed.state)
                edges.append((self.time.seconds - STARTED, last))

        self.run(seconds, meanwhile=look)
        return edges

    def heard_from(self, sound: Samples) -> tuple[float, float]:
        """When the first and the last frame of the loud part of `sound` were heard, seconds after noon."""
        loud = np.flatnonzero(np.abs(sound) > 0)
        heard = [self.speaker.sounds_at(int(frame)) for frame in (loud[0], loud[-1] + 1)]
        assert heard[0] is not None
        assert heard[1] is not None
        return heard[0] - STARTED, heard[1] - STARTED


@pytest.fixture
def pole(tmp_path: Path, pin: MockPin) -> Loud:
    return Loud(tmp_path, GpioRelay("GPIO17"))


def test_the_evening_programme_begins_on_its_second_with_the_amplifier_warm(pole: Loud, pin: MockPin) -> None:
    pole.lay(cue("chieu", 4.0, [pole.shelf.add(speech(2))]))
    (on, closed), (off, still) = pole.live(14, pin)
    first, last = pole.heard_from(pole.sound)
    assert (closed, still) == (True, False)
    assert first == pytest.approx(4.0, abs=1e-4)
    assert LEAD - STEP <= first - on <= LEAD
    assert HOLD <= off - last <= HOLD + 2 * STEP


def test_what_begins_now_begins_a_lead_later_when_the_amplifier_is_cold(pole: Loud, pin: MockPin) -> None:
    pole.live(1, pin)
    pole.lay(cue("khan", 0.5, [pole.shelf.add(speech(2))], late=LatePolicy.WHOLE))
    ((on, _),) = pole.live(4, pin)
    first, last = pole.heard_from(pole.sound)
    assert first - on >= LEAD - STEP
    assert 1.0 + LEAD < first < 1.0 + LEAD + 0.5
    assert last - first == pytest.approx(2.0, abs=1e-4)


def test_what_begins_now_waits_for_nothing_while_the_amplifier_is_still_warm(
    pole: Loud, pin: MockPin
) -> None:
    pole.lay(cue("chieu", 4.0, [pole.shelf.add(speech(1))]))
    ((_, _),) = pole.live(6.5, pin)
    gone = len(pole.sound)
    pole.lay(cue("khan", 6.0, [pole.shelf.add(speech(1, seed=2))], late=LatePolicy.WHOLE))
    edges = pole.live(3, pin)
    later = pole.sound.copy()
    later[:gone] = 0
    first, _ = pole.heard_from(later)
    assert first - 6.5 < 0.25
    assert edges == []


def test_between_two_programmes_within_the_hold_the_relay_does_not_chatter(pole: Loud, pin: MockPin) -> None:
    first, second = pole.shelf.add(speech(1)), pole.shelf.add(speech(1, seed=2))
    pole.lay(cue("mot", 4.0, [first]), cue("hai", 9.5, [second]))
    assert [closed for _, closed in pole.live(17, pin)] == [True, False]


def test_an_instant_asked_for_just_before_the_relay_opens_is_not_met_by_a_cold_amplifier(
    pole: Loud, pin: MockPin
) -> None:
    asked: list[tuple[float, float, bool]] = []
    pole.lay(cue("chieu", 2.0, [pole.shelf.add(speech(1))]))

    def ask() -> None:
        pole.step()
        asked.append((pole.time.seconds, pole.player.front(), bool(pin.state)))

    pole.run(10, meanwhile=ask)
    late = 2  # steps of 10 ms between the question and what is made of it
    opened = [
        front - now
        for (_, front, was_closed), (now, _, closed) in zip(asked, asked[late:], strict=False)
        if was_closed and not closed
    ]
    assert len(opened) == late
    assert min(opened) >= LEAD


def test_the_instant_from_which_on_can_be_decided_never_goes_back(pole: Loud, pin: MockPin) -> None:
    fronts: list[float] = []
    pole.lay(cue("chieu", 2.0, [pole.shelf.add(speech(1))]))

    def look() -> None:
        pole.amplifier.step()
        fronts.append(pole.player.front())

    pole.run(10, meanwhile=look)
    assert min(np.diff(fronts)) > -0.06  # a passage on the air adds its fade, as without an amplifier


def test_with_no_hold_at_all_the_last_word_is_still_heard(tmp_path: Path, pin: MockPin) -> None:
    pole = Loud(tmp_path, GpioRelay("GPIO17"), hold=0.0)
    pole.lay(cue("chieu", 2.0, [pole.shelf.add(speech(1.003))]))
    (_, (off, _)) = pole.live(6, pin)
    _, last = pole.heard_from(pole.sound)
    assert 0 <= off - last <= 0.05


def test_a_relay_board_that_closes_at_nought_volt_is_open_at_the_start(pin: MockPin) -> None:
    relay = GpioRelay("GPIO17:low")
    relay.set(False)
    assert pin.state
    relay.set(True)
    assert not pin.state


def test_a_broken_relay_is_told_of_and_never_silences_the_horn(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    relay = Broken()
    pole = Loud(tmp_path, relay)
    pole.lay(cue("chieu", 2.0, [pole.shelf.add(speech(1))]))
    pole.run(3.0, meanwhile=pole.step)
    assert np.count_nonzero(pole.sounded(2.0, 1.0)) > 0.9 * FRAME_RATE
    assert pole.player.through == "paper cone; the pin is gone"
    assert len([r for r in caplog.records if "the pin is gone" in r.message]) == 1
    relay.broken = False
    pole.run(0.1, meanwhile=pole.step)
    assert pole.player.through == "paper cone"
    assert relay.closed


def test_a_pin_that_is_not_there_is_told_in_words(pin: MockPin) -> None:
    with pytest.raises(RelayFault, match=r"GPIO99 cannot be switched: PinInvalidPin.*group gpio"):
        GpioRelay("GPIO99").set(True)


class Watched(GpioRelay):
    """One that says when it has closed."""

    def __init__(self, pin: str) -> None:
        super().__init__(pin)
        self.moves: list[bool] = []
        self.has_closed = threading.Event()

    def set(self, closed: bool) -> None:
        super().set(closed)
        self.moves.append(closed)
        if closed:
            self.has_closed.set()


def test_the_relay_is_open_when_the_unit_starts_and_when_it_is_stopped(pin: MockPin) -> None:
    relay = Watched("GPIO17")
    amplifier = Amplifier(relay, Time(), lead=timedelta(seconds=LEAD), hold=timedelta(seconds=HOLD))
    amplifier.note(STARTED, STARTED + 1)
    amplifier.start()
    assert relay.has_closed.wait(5)
    amplifier.stop()
    assert relay.moves == [False, True, False]
    assert pin.function == "output"
    assert not pin.state


class Faulty:
    """A relay with a fault nobody thought of."""

    name = "GPIO17"

    def __init__(self) -> None:
        self.by: threading.Thread | None = None
        self.was_asked = threading.Event()

    def set(self, closed: bool) -> None:
        self.by = threading.current_thread()
        self.was_asked.set()
        raise ZeroDivisionError("a fault of ours")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_unit_whose_amplifier_is_switched_by_nobody_any_more_counts_as_dead() -> None:
    time, written = Time(), list[Samples]()
    speaker = PacedSpeaker(written.append, name="paper cone", clock=time.monotonic)
    relay = Faulty()
    amplifier = Amplifier(relay, time, lead=timedelta(seconds=LEAD), hold=timedelta(seconds=HOLD))
    player = Amplified(speaker, time, Shelf(), amplifier=amplifier)
    speaker.start()
    player.start()
    assert relay.was_asked.wait(5)
    assert relay.by is not None
    relay.by.join(5)
    assert super(Amplified, player).alive
    assert not player.alive
    player.stop()
