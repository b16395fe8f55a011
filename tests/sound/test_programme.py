"""A whole programme, from words in a file to two horns, and what people under them hear.

A hub with its broker, and two units on the left and the right of one captured sound device, each a process of
its own: what they do here they do on their poles. A chime, a spoken sentence and a recorded melody follow one
another; what was captured is held against the decoded clips, and against what the as-run log says.

What measures time is judged only while the machine keeps time (`tests.judged`).
"""

import os
import time
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from broadcaster import clock
from broadcaster.domain.asrun import AsRunEntry, Outcome
from broadcaster.domain.names import CueId, UnitId
from broadcaster.domain.plan import FRAME_RATE
from broadcaster.horn.fading import RAMP
from broadcaster.sound.codec import Samples
from broadcaster.sound.loudness import measure
from tests.judged import on_every_machine
from tests.sound.commune import Commune
from tests.sound.hearing import Capture, murmur, onset, whereabouts
from tests.sound.pieces import EDGE, Piece, followed, steepest
from tests.witness import Witness

pytestmark = [pytest.mark.sound, pytest.mark.wire]

LEAD = 1.0
"""Seconds that are listened to before a programme is due, and after it is over."""
LEFT, RIGHT = "loa-ben", "loa-dinh"
BULLETIN = """
[[item]]
chime = "opening"
[[item]]
say = "Đài truyền thanh xã Đồng Tiến xin kính chào bà con."
[[item]]
play = "recordings/khuc-nhac-dong-tien.opus"
"""
MELODY = """
[[item]]
chime = "opening"
[[item]]
play = "recordings/khuc-dai.wav"
"""

Note = Callable[[str, object], None]


@dataclass(frozen=True)
class Horn:
    """What was heard at a unit, from `LEAD` before the programme's second until `LEAD` after its end.

    begin, end: the frames of `sound` on which the programme begins and on which it is over.
    """

    sound: Samples
    begin: int
    pieces: list[Piece]
    end: int
    entry: AsRunEntry


@dataclass(frozen=True)
class Airing:
    """A programme that was heard: its decoded clips, and what each unit's horn made of them.

    listened: the monotonic seconds from when to when all that had to keep time, its preparation included.
    """

    clips: list[Samples]
    horns: dict[str, Horn]
    listened: tuple[float, float]

    @property
    def whole(self) -> Samples:
        return np.concatenate(self.clips)

    @property
    def begins(self) -> list[int]:
        """The frames of the programme on which its clips begin."""
        return [0, *accumulate(len(clip) for clip in self.clips[:-1])]

    @property
    def undisturbed(self) -> bool:
        whole = all(len(horn.entry.stretches) == 1 for horn in self.horns.values())
        return whole and float(np.median(self.apart())) <= 1

    def apart(self) -> NDArray[np.float64]:
        """How many ms lie between both units, for each twentieth of a second."""
        left, right = (
            {piece.first: horn.begin + piece.lag for piece in horn.pieces} for horn in self.horns.values()
        )
        frames = [abs(left[first] - right[first]) for first in sorted(left.keys() & right.keys())]
        return 1000 * np.array(frames) / FRAME_RATE


def heard_at(clips: list[Samples], sound: Samples, entry: AsRunEntry) -> Horn:
    whole = np.concatenate(clips)
    whole[:RAMP] *= np.arange(1, RAMP + 1, dtype=np.float32) / RAMP
    begin, _ = whereabouts(clips[0][: 10 * EDGE], sound)
    pieces = followed(whole, sound, begin)
    return Horn(sound, begin, pieces, begin + len(whole) + pieces[-1].lag, entry)


def longest_silence(sound: Samples) -> int:
    """Frames of the longest run of digital silence."""
    sounding = np.flatnonzero(np.round(sound * 32768))
    return int(np.max(np.diff(sounding, prepend=-1, append=len(sound)))) - 1


def silent(sound: Samples) -> int:
    """Frames of digital silence that lie in runs of a hundredth of a second and more."""
    edges = np.flatnonzero(np.diff(np.concatenate([[1], np.round(sound * 32768) != 0, [1]])))
    runs = edges[1::2] - edges[::2]
    return int(np.sum(runs[runs >= FRAME_RATE // 100]))


@pytest.fixture(scope="module")
def commune(capture: Capture, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commune]:
    commune = Commune(tmp_path_factory.mktemp("commune"), {LEFT: "spk1", RIGHT: "spk2"})
    write_wav(commune.station.folder / "audio" / "recordings" / "khuc-dai.wav", murmur(16))
    try:
        commune.start()
        yield commune
    finally:
        commune.stop()


def write_wav(path: Path, sound: Samples) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(FRAME_RATE)
        file.writeframes((sound * 32767).astype(np.int16).tobytes())


def soon(seconds: float) -> datetime:
    return (clock.now() + timedelta(seconds=seconds)).replace(microsecond=0)


def seconds_to(moment: datetime) -> float:
    return (moment - clock.now()).total_seconds()


def listen(commune: Commune, capture: Capture, cue: CueId, due: datetime) -> Airing:
    """Wait until both units have told how it went, and take what was captured."""
    clips, second = commune.clips(cue), clock.monotonic() + seconds_to(due)
    over = second + sum(map(len, clips)) / FRAME_RATE
    time.sleep(max(over - clock.monotonic(), 0))
    commune.until("both units have told", lambda: len(commune.entries(cue)) == 2)
    heard = capture.heard(second - LEAD, over + LEAD)
    listened = (second - 5, over + LEAD)  # the horns learn the pace of their card before they speak
    entries = {entry.unit: entry for entry in commune.entries(cue)}
    return Airing(
        clips,
        {
            unit: heard_at(clips, heard[:, side], entries[UnitId(unit)])
            for side, unit in enumerate((LEFT, RIGHT))
        },
        listened,
    )


@pytest.fixture(scope="module")
def airing(commune: Commune, capture: Capture, machine: Witness) -> Airing:
    """An ordinary evening on which nothing goes wrong; the horns are warm, as they are on a pole.

    A machine that is busy with other things may make the sound server itself stumble: it gets three evenings.
    When all were disturbed, one on which the machine kept time is judged, if there is one.
    """
    evenings: list[Airing] = []
    for evening, ahead in enumerate((14, 7, 7)):
        due = soon(ahead)
        cue = commune.plan(f"ban-tin-chieu-{evening}", due, BULLETIN)
        evenings.append(listen(commune, capture, cue, due))
        if evenings[-1].undisturbed:
            break
    return min(
        reversed(evenings), key=lambda airing: (not airing.undisturbed, machine.lost(*airing.listened))
    )


@pytest.fixture(params=[LEFT, RIGHT])
def horn(request: pytest.FixtureRequest, airing: Airing) -> Horn:
    return airing.horns[request.param]


def test_every_clip_of_the_programme_is_heard_in_its_order(airing: Airing, horn: Horn) -> None:
    assert len(airing.clips) == 3
    for clip, begin in zip(airing.clips, airing.begins, strict=True):
        at, fit = whereabouts(clip[: 10 * EDGE], horn.sound)
        assert fit > 0.5
        assert abs(at - horn.begin - begin) < FRAME_RATE


@pytest.mark.real_time
def test_every_clip_is_heard_at_its_place(airing: Airing, horn: Horn) -> None:
    for clip, begin in zip(airing.clips, airing.begins, strict=True):
        at, fit = whereabouts(clip[: 10 * EDGE], horn.sound)
        assert fit > 0.9
        assert abs(at - horn.begin - begin) < FRAME_RATE // 100


@pytest.mark.real_time
def test_it_begins_within_20_ms_of_its_second(horn: Horn, record_property: Note) -> None:
    late = 1000 * (horn.begin / FRAME_RATE - LEAD)
    record_property("late_ms", round(late, 2))
    print(f"{horn.entry.unit} begins {late:+.2f} ms after its second")
    assert abs(late) < 20


@pytest.mark.real_time
def test_its_clips_are_joined_to_the_frame(airing: Airing, horn: Horn) -> None:
    for join in airing.begins[1:]:
        before = max((p for p in horn.pieces if p.first + EDGE <= join), key=lambda p: p.first)
        after = min((p for p in horn.pieces if p.first >= join), key=lambda p: p.first)
        slips = (after.first - before.first) // EDGE
        assert slips <= 4
        assert abs(after.lag - before.lag) <= max(2, slips)


@pytest.mark.real_time
def test_there_is_no_gap_in_it_and_no_click(airing: Airing, horn: Horn) -> None:
    assert max(piece.off for piece in horn.pieces) < 1.25
    programme = horn.sound[horn.begin : horn.end]
    assert longest_silence(programme) <= longest_silence(airing.whole) + 10
    assert steepest(programme) <= 1.1 * steepest(airing.whole)


@pytest.mark.real_time
def test_its_first_and_its_last_instant_are_heard(airing: Airing, horn: Horn) -> None:
    first, last = airing.clips[0][:EDGE], airing.clips[-1][-EDGE:]
    assert whereabouts(first, horn.sound[horn.begin - 24 : horn.begin + EDGE + 24])[1] > 0.98
    assert whereabouts(last, horn.sound[horn.end - EDGE - 24 : horn.end + 24])[1] > 0.9


@pytest.mark.real_time
def test_before_and_after_it_there_is_digital_silence(horn: Horn) -> None:
    assert horn.begin > 0.9 * FRAME_RATE
    assert len(horn.sound) - horn.end > 0.9 * FRAME_RATE
    assert not horn.sound[: horn.begin - 2].any()
    assert not horn.sound[horn.end + 12 :].any()


def test_it_is_as_loud_as_it_should_be(horn: Horn, record_property: Note) -> None:
    loudness = measure([horn.sound]).integrated
    record_property("lufs", loudness)
    print(f"{horn.entry.unit} sounds at {loudness} LUFS")
    assert loudness == pytest.approx(-16, abs=1)


@pytest.mark.real_time
def test_both_units_are_in_step(airing: Airing, record_property: Note) -> None:
    apart = airing.apart()
    record_property("apart_ms_median", round(float(np.median(apart)), 3))
    print(f"apart: median {np.median(apart):.3f} ms, at most {np.max(apart):.3f} ms")
    assert np.median(apart) <= 1


@pytest.mark.real_time
def test_its_line_says_that_it_was_heard_whole_and_on_time(airing: Airing, horn: Horn) -> None:
    assert horn.entry.outcome is Outcome.AIRED
    (stretch,) = horn.entry.stretches
    assert abs(stretch.begin - horn.entry.planned) < timedelta(milliseconds=20)
    assert stretch.length.total_seconds() == pytest.approx(len(airing.whole) / FRAME_RATE, abs=0.05)


def test_its_line_never_says_more_than_was_heard(airing: Airing, horn: Horn) -> None:
    """Also when seconds were lost, because the machine stood still."""
    length = len(airing.whole) / FRAME_RATE
    assert abs(horn.entry.stretches[0].begin - horn.entry.planned) < timedelta(seconds=1)
    assert horn.entry.played.total_seconds() < length + 0.1
    told = (
        Outcome.AIRED if length - horn.entry.played.total_seconds() < 0.05 * length else Outcome.PARTLY_AIRED
    )
    assert horn.entry.outcome is told
    lost = silent(horn.sound[horn.begin : horn.end]) - silent(airing.whole)
    assert length - horn.entry.played.total_seconds() > lost / FRAME_RATE - 1


@pytest.mark.real_time
def test_with_hub_and_broker_dead_it_sounds_all_the_same_and_is_told_once_they_are_back(
    commune: Commune, capture: Capture
) -> None:
    due = soon(7)
    cue = commune.plan("ban-tin-khong-trung-tam", due, BULLETIN)
    time.sleep(seconds_to(due) - 3)
    commune.kill("hub")
    commune.until("the broker is dead as well", lambda: not commune.broker_answers())
    with on_every_machine():
        commune.until(
            "both units have a line to tell", lambda: commune.untold(LEFT) + commune.untold(RIGHT) == 2
        )
        assert commune.entries(cue) == ()
        commune.start_hub()
        airing = listen(commune, capture, cue, due)
        commune.until("nothing is left to tell", lambda: not commune.untold(LEFT) + commune.untold(RIGHT))
        assert len(commune.entries(cue)) == 2
        assert {horn.entry.outcome for horn in airing.horns.values()} <= {Outcome.AIRED, Outcome.PARTLY_AIRED}
    for horn in airing.horns.values():
        assert abs(horn.begin / FRAME_RATE - LEAD) < 0.02
        assert np.median([piece.off for piece in horn.pieces]) < 1
        assert horn.entry.outcome is Outcome.AIRED


@pytest.mark.real_time
def test_a_unit_that_dies_in_the_middle_joins_the_melody_again_in_step(
    commune: Commune, capture: Capture, record_property: Note
) -> None:
    due, died = soon(7), timedelta(seconds=8.5)
    cue = commune.plan("khuc-nhac-dai", due, MELODY, late="join")
    time.sleep(seconds_to(due + died))
    commune.kill(RIGHT)
    commune.start_unit(RIGHT)

    with on_every_machine():
        airing = listen(commune, capture, cue, due)
        left, right = airing.horns.values()
        assert left.entry.outcome in (Outcome.AIRED, Outcome.PARTLY_AIRED)
        assert right.entry.outcome is Outcome.PARTLY_AIRED
        assert len(right.entry.stretches) >= 2
    assert left.entry.outcome is Outcome.AIRED
    before, after = right.entry.stretches
    end = due + timedelta(seconds=len(airing.whole) / FRAME_RATE)
    assert abs(before.begin - due) < timedelta(milliseconds=20)
    assert timedelta(seconds=4) < before.length < died + timedelta(seconds=0.5)
    assert due + died < after.begin < end - timedelta(seconds=5)
    assert abs(after.end - end) < timedelta(milliseconds=50)

    again = round((LEAD + (after.begin - due).total_seconds()) * FRAME_RATE)
    assert not right.sound[again - FRAME_RATE // 2 : again - FRAME_RATE // 50].any()
    assert onset(right.sound[again - FRAME_RATE // 50 :], 0.005) < FRAME_RATE // 25
    found = joined_apart(airing, again - left.begin + EDGE)
    record_property("joined_apart_ms", [round(apart, 3) for apart in found])
    print(
        f"it joined again {(after.begin - due - died).total_seconds():.2f} s after it died, "
        f"{np.median(found):.3f} ms from the other one, at most {np.max(found):.3f} ms"
    )
    busy = os.getloadavg()[0] > (os.cpu_count() or 1)  # then a sound server is wrong by ms for its first 15 s
    assert np.median(found) <= (5 if busy else 2)


def joined_apart(airing: Airing, from_frame: int) -> NDArray[np.float64]:
    """How many ms the right unit is from the left one, from that frame of the programme on."""
    left, right = airing.horns.values()
    found = []
    for first in range(from_frame, len(airing.whole) - 5 * EDGE, 5 * EDGE):
        piece = airing.whole[first : first + EDGE]
        near = slice(left.begin + first - EDGE, left.begin + first + 3 * EDGE)
        (ours, _), (theirs, fit) = (whereabouts(piece, horn.sound[near]) for horn in (left, right))
        assert fit > 0.9
        found.append(1000 * abs(ours - theirs) / FRAME_RATE)
    return np.array(found)
