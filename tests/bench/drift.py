"""Whether units stay together through a long relay though their sound cards run apart, and if it is heard.

Simulated: three cards, 100 ppm slow, right, and 100 ppm fast, whose sayings of when their frames sound wander
by 0.3 ms as those of a sound server do, each with the real player and sample clock for 45 minutes of a 1 kHz
tone, ten times as fast as life; `no_correction` is what they would be apart by otherwise. Every whole second
is listened to: THD+N is all that is not within 10 Hz of the tone, against it. `corrected` is the same with
station time itself set by 2 ms to and fro each five minutes.

Real: two horns of one PulseAudio null sink, which share its clock, for five minutes of the same tone. What
they part by, and what the left one wanders against the monotonic clock; the latter is known only as well as
a monitor gives its blocks in time, which on a busy machine is a millisecond.
"""

import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from broadcaster.clock import monotonic
from broadcaster.domain.names import ClipId, CueId
from broadcaster.domain.plan import FRAME_RATE, Clip
from broadcaster.horn.passage import Passage
from broadcaster.horn.player import Player
from tests.bench._figure import Figure, Figures
from tests.horn.cards import HERTZ, TonedClip, added, lag
from tests.horn.drifting import Drifting, Report, apart
from tests.sound.hearing import Capture, Samples, SoundServer, gaps, level, onset

MINUTES = 45
CARDS = (-100.0, 0.0, 100.0)
REAL_MINUTES = 5
WARM = 30.0
_SET_EVERY = 300.0
_SET_BY = 0.002
_ZERO = datetime(2026, 1, 1, tzinfo=UTC)
_NOT_HERE = "pulseaudio and pulseaudio-utils are not installed"
_REAL = ("real_5_min_apart_ms", "real_5_min_wander_ms", "real_5_min_against_clock_ms", "real_5_min_thd_n_db")


def measure() -> Figures:
    began = time.process_time()
    with ProcessPoolExecutor(2) as pool:
        cards = list(pool.map(_simulated, CARDS))
        corrected = pool.submit(_corrected).result()
    figures = _of_cards(cards) | _of_corrected(corrected)
    if shutil.which("pulseaudio") is None or shutil.which("parec") is None:
        figures |= {name: Figure(value=None, unit="", note=_NOT_HERE) for name in _REAL}
    else:
        figures |= _real()
    spent = time.process_time() - began
    return figures | {
        "load": Figure(value=os.getloadavg()[2], unit="", note="average of the last 15 minutes"),
        "processor": Figure(value=spent, unit="s", note="of the real part, mostly listening"),
    }


def _simulated(ppm: float) -> Report:
    seed = round(1000 + ppm)
    return Drifting(ppm=ppm, seconds=60 * MINUTES, jitter=0.0001, wander=0.0003, seed=seed).run()


def _corrected() -> Report:
    """The fast card, with station time set to and fro."""
    unit, done = Drifting(ppm=100.0, seconds=60 * MINUTES, jitter=0.0001), 0

    def learn(gone: float) -> None:
        nonlocal done
        if gone >= (done + 1) * _SET_EVERY:
            done += 1
            unit.time.noon += _SET_BY * (-1) ** done

    return unit.run(learn)


def _of_cards(cards: list[Report]) -> Figures:
    ends = [1000 * report.end for report in cards]
    uncorrected = (max(CARDS) - min(CARDS)) * 1e-6 * 60 * MINUTES * 1000
    against = max(map(abs, ends))
    worst = max(max(report.thd_n) for report in cards)
    largest = 1e6 * max(report.largest_ratio for report in cards)
    return {
        "end_error_ms": Figure(value=float(np.ptp(ends)), unit="ms", hold="<= 1", note="between the cards"),
        "end_against_station_ms": Figure(value=against, unit="ms", hold="<= 1"),
        "apart_ms": Figure(value=1000 * float(apart(cards).max()), unit="ms", note="at any second"),
        "thd_n_db": Figure(value=worst, unit="dB", hold="<= -60", note="the worst second"),
        "largest_ratio_ppm": Figure(value=largest, unit="ppm", hold="<= 200"),
        "breaks": Figure(value=sum(report.runs - 1 for report in cards), unit="", hold="<= 0"),
        "no_correction_ms": Figure(value=uncorrected, unit="ms", note="worked out"),
    }


def _of_corrected(report: Report) -> Figures:
    return {
        "corrected_thd_n_db": Figure(value=max(report.thd_n), unit="dB", hold="<= -60"),
        "corrected_ratio_ppm": Figure(value=1e6 * report.largest_ratio, unit="ppm", hold="<= 200"),
        "corrected_largest_lag_ms": Figure(
            value=1000 * max(map(abs, report.lags)), unit="ms", note="just after it was set by 2"
        ),
    }


class _Station:
    """Station time is the monotonic clock's."""

    monotonic = staticmethod(monotonic)

    def instant_at(self, second: float) -> datetime:
        return _ZERO + timedelta(seconds=second)

    def monotonic_at(self, instant: datetime) -> float:
        return (instant - _ZERO).total_seconds()


def _real() -> Figures:
    with TemporaryDirectory() as folder, _listening(Path(folder)) as capture:
        due, dry = _played()
        start = capture.heard(due - 0.5, due + 0.5)
        looked_at = np.arange(5, 60 * REAL_MINUTES - 5, 5.0)
        every = [capture.heard(due + second, due + second + 1.02)[:FRAME_RATE] for second in looked_at]
    whole = [(second, sound) for second, sound in zip(looked_at, every, strict=True) if _is_whole(sound)]
    if not whole:
        return {
            name: Figure(value=None, unit="", note="the sound server stumbled all along") for name in _REAL
        }
    left, right = ([lag(sound[:, side], float(second)) for second, sound in whole] for side in (0, 1))
    parted = 1000 * (np.unwrap(right, period=1 / HERTZ) - np.unwrap(left, period=1 / HERTZ))
    began_apart = 1000 * (onset(start[:, 1]) - onset(start[:, 0])) / FRAME_RATE
    parted += np.round(began_apart - parted[0])  # a whole ms is not seen in a tone of 1 kHz
    against = 1000 * np.unwrap(left, period=1 / HERTZ)
    found = (np.percentile(np.abs(parted), 95), np.ptp(parted), np.ptp(against))
    units = {name: Figure(value=float(value), unit="ms") for name, value in zip(_REAL, found, strict=False)}
    worst = max(added(sound[:, side]) for _, sound in whole for side in (0, 1))
    broken = 100 * (1 - len(whole) / len(every))
    return units | {
        _REAL[-1]: Figure(value=worst, unit="dB", note="the worst whole second; 16 bits"),
        "real_broken": Figure(value=broken, unit="%", note="seconds with a hole in them: a busy machine"),
        "real_underruns": Figure(value=dry, unit="", note="of them, our own: the ring was not fed in time"),
    }


def _is_whole(sound: Samples) -> bool:
    """Whether there is no hole in this second, on either side, that the sound server made."""
    tone = 20 * np.log10(0.5) - 10 * np.log10(2)
    sides = (sound[:, 0], sound[:, 1])
    return all(abs(level(side) - tone) < 0.05 and not gaps(side, longer_than=0.0005) for side in sides)


@contextmanager
def _listening(folder: Path) -> Iterator[Capture]:
    server, before = SoundServer(folder), dict(os.environ)
    server.start()
    os.environ.update(server.environ)
    capture = Capture(server)
    try:
        capture.start()
        yield capture
    finally:
        capture.stop()
        os.environ.clear()
        os.environ.update(before)
        server.stop()


def _played() -> tuple[float, int]:
    """Play the tone through both horns, to its end; the monotonic second at which it began, and how often a
    card found nothing laid."""
    from broadcaster.horn.soundcard import SoundCard  # which looks for cards when it is first imported

    station = _Station()
    cards = [SoundCard(name) for name in ("spk1", "spk2")]
    players = [Player(card, station, lambda _: TonedClip()) for card in cards]
    clip = Clip(id=ClipId("0" * 64), frames=REAL_MINUTES * 60 * FRAME_RATE, joins=True)
    due = monotonic() + WARM
    for card, player in zip(cards, players, strict=True):
        card.start()
        player.start()
        begin = station.instant_at(due)
        player.follow([Passage(cue=CueId("nhac@2026-11-21T05:00:00"), begin=begin, clips=(clip,))])
    while monotonic() < due + REAL_MINUTES * 60 + 1:
        for player in players:
            player.prepare()
            player.heard()
        time.sleep(0.2)
    for card, player in zip(cards, players, strict=True):
        player.stop()
        card.stop()
    return due, sum(card.ring.underruns for card in cards)
