"""Where a sound server has put our stream, on boxes that have one (PulseAudio, PipeWire with its pulse door).

When a sink is gone the server moves its streams to another one and leaves them there when the first is back
(measured with PulseAudio 16): the device goes on taking frames, and nobody hears them. The only witness is
the server itself, and it is asked by its own tool, `pactl`, once a second (6 ms here, half of it CPU).

A box without a server, or without `pactl`, is asked once and left alone.
"""

import logging
import os
import re
import subprocess
import threading

__all__ = ["Seat", "sink_of"]

_EVERY = 1.0
"""Seconds; a move is noticed within twice as many."""
_PATIENCE = 5.0

_logger = logging.getLogger(__name__)


class Seat:
    """Watches on which sink this process's stream to `device` is, from `start` to `stop`.

    `lost` says that it is not on the one any more on which it began.
    """

    def __init__(self, device: str) -> None:
        self._device = device
        self.lost: str | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="seat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def _watch(self) -> None:
        began = _sink()
        if began is None:
            return
        while not self._stop.wait(_EVERY):
            now = _sink()
            if now is not None and now != began:
                self.lost = f"the sound server has moved {self._device!r} to another sink: the device is gone"
                return


def _sink() -> str | None:
    """The number of the sink we are on; None if that cannot be told."""
    try:
        asked = subprocess.run(
            ["pactl", "list", "sink-inputs"],
            env={**os.environ, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",  # names of other programs may be anything
            timeout=_PATIENCE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        _logger.debug("the sound server cannot be asked: %s", fault)
        return None
    return sink_of(os.getpid(), asked.stdout)


def sink_of(process: int, listed: str) -> str | None:
    """The number of the sink that the stream of `process` is on, from what `pactl list sink-inputs` says."""
    for stream in listed.split("Sink Input #"):
        if re.search(rf'^\s*application\.process\.id = "{process}"$', stream, re.MULTILINE):
            found = re.search(r"^\s*Sink: (\d+)$", stream, re.MULTILINE)
            return None if found is None else found[1]
    return None
