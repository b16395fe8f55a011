"""An amplifier that is switched off between programmes: its relay, and the words it must not swallow.

Laws of this file
1. The relay is closed `lead` before the first frame of a passage sounds, and stays so until `hold` after the
   last one has drained: what comes within that time does not make it chatter. It is open at the start and
   when the unit is stopped.
2. First words are never lost. What is planned begins at its instant: it is known in time. What begins
   now (an order, a cue that is joined late) begins `lead` later when the amplifier is cold: that is then the
   instant from which on it can still be decided what sounds (`Amplified.front`).
3. Frames and instants are the sample clock's, so the relay keeps time with the horn whatever the device's
   latency is.
4. A relay that is broken, or hangs, is told of and never stops the sound: it is switched by a thread of its
   own, and tried again.

Silence before the first word wakes nothing: the stream is never closed, so an amplifier that wakes by itself
when it hears a signal hears silence all day, and wakes on the first word. It needs a relay, or its automatic
switched off.
"""

import logging
import threading
from collections.abc import Iterable, Sequence
from datetime import timedelta
from math import inf
from typing import Protocol

from broadcaster.horn.passage import Passage
from broadcaster.horn.player import Heard, Player, StationClock
from broadcaster.horn.relay import RelayFault
from broadcaster.horn.source import Opener
from broadcaster.horn.speaker import Speaker

__all__ = ["LONGEST_LEAD", "Amplified", "Amplifier", "Relay", "spell"]

LONGEST_LEAD = timedelta(seconds=2)
"""What is planned is known much further ahead; what begins now waits so long when the amplifier is cold, and
should not wait longer."""

_STILL_WARM = 1.0
"""Seconds before the relay opens in which the amplifier counts as cold already: what is decided now, by an
instant that was asked for a moment ago, must not meet a relay that has just opened."""
_TRY_AGAIN = 5.0
_LOOK_AGAIN = 60.0
_PARTING = 1.0

_logger = logging.getLogger(__name__)


def spell(
    now: float, sounding: Iterable[tuple[float, float]], *, lead: float, hold: float
) -> tuple[bool, float]:
    """Whether the relay is to be closed at second `now`, and until when that holds (infinite: for good).

    `sounding`: (second of the first frame, second after the last), in any order, overlapping or not.
    """
    until = now
    for begin, end in sorted((begin - lead, end + hold) for begin, end in sounding):
        if end <= until:
            continue
        if begin > until:
            return until > now, until if until > now else begin
        until = end
    return until > now, until if until > now else inf


class Relay(Protocol):
    """What switches the amplifier."""

    @property
    def name(self) -> str: ...

    def set(self, closed: bool) -> None:
        """Raises RelayFault."""
        ...


class Amplifier:
    """`relay`, closed when it has to be. Told what is to sound by one thread, stepped by its own."""

    def __init__(self, relay: Relay, clock: StationClock, *, lead: timedelta, hold: timedelta) -> None:
        if not timedelta(0) <= lead <= LONGEST_LEAD or hold < timedelta(0):
            raise ValueError(f"lead is from 0 to {LONGEST_LEAD.total_seconds():g} s, hold from 0 on")
        self._relay = relay
        self._clock = clock
        self._lead = lead.total_seconds()
        self._hold = hold.total_seconds()
        self._passages: tuple[Passage, ...] = ()
        self._sounded = (-inf, -inf)
        self._closed: float | None = None
        self._promised = -inf
        self.fault: str | None = None
        """Why the relay does not do what it is told; None when it does."""
        self._changed = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="amplifier", daemon=True)

    @property
    def lead(self) -> timedelta:
        """How long it takes to wake."""
        return timedelta(seconds=self._lead)

    @property
    def alive(self) -> bool:
        """Whether its thread runs; when it does not, the relay stays as it is."""
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Open the relay; one that hangs is not waited for."""
        self._stopping = True
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join(_PARTING)

    def expect(self, passages: Sequence[Passage]) -> None:
        """These are to sound, and no others."""
        if (expected := tuple(passages)) != self._passages:
            self._passages = expected
            self._changed.set()

    def note(self, begin: float, end: float) -> None:
        """Something that was laid sounds from one second to the other, as far as it is known now."""
        first, last = self._sounded
        apart = begin - last > self._lead + self._hold
        self._sounded = (begin, end) if apart else (min(first, begin), max(last, end))

    def ready(self, front: float) -> float:
        """The second from which on what is decided is heard, where `front` would be it without an amplifier.

        It does not go back by a lead when the amplifier becomes warm: it waits until it is caught up with.
        """
        on, until = self._spell(self._clock.monotonic())
        if self._closed is None or not on or until < front + _STILL_WARM:
            self._promised = front + self._lead
            return self._promised
        return max(front, min(max(self._promised, self._closed + self._lead), front + self._lead))

    def step(self) -> float:
        """Switch the relay if it has to be; the seconds until it has to be again, at most a minute."""
        now = self._clock.monotonic()
        on, until = self._spell(now)
        if on != (self._closed is not None) or self.fault is not None:
            self._closed = (self._closed or now) if on else None
            self._set(on)
        return min(until - now, _LOOK_AGAIN if self.fault is None else _TRY_AGAIN)

    def _spell(self, now: float) -> tuple[bool, float]:
        expected = (
            (self._clock.monotonic_at(p.begin), self._clock.monotonic_at(p.end)) for p in self._passages
        )
        return spell(now, (self._sounded, *expected), lead=self._lead, hold=self._hold)

    def _set(self, closed: bool) -> None:
        try:
            self._relay.set(closed)
        except RelayFault as fault:
            if self.fault is None:
                _logger.error("amplifier=%s %s", self._relay.name, fault)
            self.fault = str(fault)
        else:
            if self.fault is not None:
                _logger.warning("amplifier=%s can be switched again", self._relay.name)
            self.fault = None

    def _run(self) -> None:
        self._set(False)
        while not self._stopping:
            self._changed.wait(self.step())
            self._changed.clear()
        self._set(False)


class Amplified(Player):
    """A player behind an amplifier."""

    def __init__(
        self, speaker: Speaker, clock: StationClock, opener: Opener, *, amplifier: Amplifier
    ) -> None:
        super().__init__(speaker, clock, opener)
        self._behind = speaker
        self.amplifier = amplifier

    @property
    def through(self) -> str:
        fault = self.amplifier.fault
        return super().through if fault is None else f"{super().through}; {fault}"

    @property
    def alive(self) -> bool:
        return super().alive and self.amplifier.alive

    def start(self) -> None:
        self.amplifier.start()
        super().start()

    def stop(self) -> None:
        super().stop()
        self.amplifier.stop()

    @property
    def lead(self) -> timedelta | None:
        """The amplifier is cold."""
        lead = super().lead
        return None if lead is None else lead + self.amplifier.lead

    def follow(self, passages: Sequence[Passage]) -> None:
        self.amplifier.expect(passages)
        super().follow(passages)

    def front(self) -> float:
        return self.amplifier.ready(super().front())

    def heard(self) -> tuple[Heard, ...]:
        told = super().heard()
        for run in told:
            begin, end = (self._behind.sounds_at(frame) for frame in (run.first, run.first + run.laid))
            if begin is not None and end is not None and run.laid:
                self.amplifier.note(begin, end)
        return told
