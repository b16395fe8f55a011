"""The sound card: the one place that knows sounddevice (PortAudio).

Traps that were met here, each of them held by a test that hears:
- the clock in which PortAudio tells when a block will sound is now the wall clock, now a monotonic one: only
  differences to `currentTime` in the same callback are used;
- numbers of devices move when one is plugged in, so a device is found by its name;
- a stream is opened once and stays open: opening loses the first 95 to 400 ms;
- a callback may neither wait nor write to a file: it copies from the ring and notes two numbers;
- a device that is unplugged ends the stream (callbacks stop, the stream is not active), one that hangs stops
  the callbacks and says nothing, and one that is opened while it hangs takes one buffer and no more;
- a sound server moves the stream of a sink that is gone to another one, and leaves it there when the first
  is back: the callbacks go on, and nobody hears it (`soundserver` looks);
- PortAudio looks for devices once, when it is first imported. What was plugged in later is seen by a new
  process.
"""

import threading
import time
from typing import Any

import numpy as np
import sounddevice

from broadcaster.clock import monotonic
from broadcaster.domain.plan import FRAME_RATE
from broadcaster.horn.ring import Ring
from broadcaster.horn.sampleclock import SampleClock
from broadcaster.horn.soundserver import Seat
from broadcaster.horn.speaker import NoSpeaker

__all__ = ["SoundCard", "default_output", "outputs", "sounds"]

_BLOCK = 960
"""20 ms: a third less work than the card's own choice, and far below what a start needs."""
_LATENCY = 0.06
"""Seconds in the card's own buffer: three blocks. With 35 ms, other work on a small box made it run dry now
and then. With 80, on a busy PC, it ran dry as often as with 60; and a sound server takes up to three blocks
at once then, so that it holds 125 ms and not 87."""
_AHEAD = FRAME_RATE * 8 // 100
_PRIMING = FRAME_RATE // 5
"""Frames of silence to begin with: a card fills its buffer in one gulp when it starts."""
_MOVES = 3 * _BLOCK
"""Frames after the first gulp: a device that took so many is running."""
_LONGEST_GULP = 0.5
"""Seconds; some devices call their buffer longer than it is."""
_STANDS = 2.0
"""Seconds after which one that did not counts as dead. A null sink may need 1.5."""


def outputs() -> list[str]:
    """The names of all devices that can be spoken through."""
    return [str(found["name"]) for found in sounddevice.query_devices() if found["max_output_channels"] > 0]


def default_output() -> str | None:
    """The name of the device the system speaks through, None if there is none."""
    try:
        return str(sounddevice.query_devices(kind="output")["name"])
    except (sounddevice.PortAudioError, ValueError):
        return None


def sounds(wanted: str) -> bool:
    """Whether the device is there now, opens and runs; for a process that has only just been started."""
    try:
        card = SoundCard(wanted)
        card.start()
    except NoSpeaker:
        return False
    card.stop()
    return True


class SoundCard:
    """Speaks through the device whose name is, or holds, `wanted`. Raises NoSpeaker if it is not just one.

    `latency`: seconds in the card's own buffer; when a frame sounds does not depend on it.
    """

    def __init__(self, wanted: str, *, latency: float = _LATENCY) -> None:
        self._name = _named(wanted)
        self.ahead = _AHEAD
        self._ring = Ring()
        self._clock = SampleClock()
        self._stream: Any = None
        self._seat: Seat | None = None
        self._wished = latency
        self._latency = latency
        self.refit = self._clock.refit
        self.sounds_at = self._clock.sounds_at
        self.frame_at = self._clock.frame_at

    @property
    def name(self) -> str:
        return self._name

    @property
    def ring(self) -> Ring:
        return self._ring

    @property
    def stand_in(self) -> bool:
        return False

    @property
    def lost(self) -> str | None:
        if self._stream is not None and not self._stream.active:
            return f"the sound device {self._name!r} is gone"
        return None if self._seat is None else self._seat.lost

    def start(self) -> None:
        self._open()
        self._see_that_it_runs()
        if self._name != default_output():  # the default is wherever the system speaks: it may move
            self._seat = Seat(self._name)
            self._seat.start()

    def _open(self) -> None:
        try:
            self._stream = sounddevice.OutputStream(
                samplerate=FRAME_RATE,
                channels=1,
                dtype="float32",
                device=_number(self._name),
                latency=self._wished,
                blocksize=_BLOCK,
                callback=self._give,
            )
            self._latency = float(self._stream.latency)
            self._ring.lay(self._ring.head, np.zeros(_PRIMING, np.float32))
            self._stream.start()
        except sounddevice.PortAudioError as fault:
            self.stop()
            raise NoSpeaker(
                f"the sound device {self._name!r} cannot be opened: {fault}; "
                "see that nothing else holds it and that this user may use sound (group audio)"
            ) from fault

    def _see_that_it_runs(self) -> None:
        """Wait for the first frames after the gulp; some 50 ms on a device that is well."""
        until = monotonic() + _STANDS
        gulp = max(self._wished, min(self._latency, _LONGEST_GULP)) * FRAME_RATE
        while self._ring.taken < gulp + _MOVES:
            if monotonic() > until or not self._stream.active:
                dead, self._stream = self._stream, None  # closing it may hang as well
                threading.Thread(target=dead.close, args=(True,), name="dead-card", daemon=True).start()
                raise NoSpeaker(f"the sound device {self._name!r} takes no sound: unplug it and plug it in")
            time.sleep(0.005)

    def stop(self) -> None:
        if self._seat is not None:
            self._seat.stop()
            self._seat = None
        if self._stream is not None:
            self._stream.close(ignore_errors=True)
            self._stream = None

    def _give(self, out: Any, _frames: int, times: Any, status: Any) -> None:
        """PortAudio's callback: copy, and note when the first of these frames will sound."""
        now = monotonic()
        if status.output_underflow:
            self._clock.ran_dry()
        if times.outputBufferDacTime > 0.0:
            self._clock.note(self._ring.taken, times.outputBufferDacTime, times.currentTime, now)
        else:  # a device without a clock
            self._clock.note(self._ring.taken, now + self._latency, now, now)
        self._ring.take(out[:, 0])


def _number(name: str) -> int:
    """Where a device of exactly this name stands now."""
    for number, found in enumerate(sounddevice.query_devices()):
        if found["name"] == name and found["max_output_channels"] > 0:
            return number
    raise NoSpeaker(f"the sound device {name!r} is gone")


def _named(wanted: str) -> str:
    there = outputs()
    if wanted in there:
        return wanted
    like = [name for name in there if wanted.casefold() in name.casefold()]
    if len(like) == 1:
        return like[0]
    listed = ", ".join(repr(name) for name in like or there) or "none at all"
    which = "more than one sound device is" if like else "there is no sound device"
    raise NoSpeaker(f"{which} named {wanted!r}; {'these are' if like else 'there are'}: {listed}")
