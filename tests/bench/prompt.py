"""How soon a horn sounds what is decided: from the decision to the first sample that is captured.

The whole way of the horn: the passage handed to the player, its clip, the ring, the card, a sound server. In
silence, and in the middle of music that has to give way. The hub, the wire and the judging of an order are
not in it (see `alert`).
"""

import os
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tests.bench._figure import Figure, Figures
from tests.sound.hearing import Capture, SoundServer
from tests.sound.onehorn import Decided, Horn, card

TIMES = 40
WARM = 6.0


def measure() -> Figures:
    with TemporaryDirectory() as folder:
        server = SoundServer(Path(folder))
        server.start()
        os.environ.update(server.environ)
        try:
            return _measured(server, Path(folder))
        finally:
            server.stop()


def _measured(server: SoundServer, folder: Path) -> Figures:
    capture = Capture(server)
    capture.start()
    horn = Horn(card("spk1"), folder)
    try:
        time.sleep(WARM)
        decided = Decided(horn, capture)
        decided.in_silence(3)
        figures = _told("in_silence", decided.in_silence(TIMES)) | _told("in_music", decided.in_music(TIMES))
        lead, dry = horn.player.lead, horn.speaker.ring.underruns
    finally:
        horn.stop()
        capture.stop()
    return figures | {
        "lead_ms": Figure(
            value=None if lead is None else 1000 * lead.total_seconds(),
            unit="ms",
            note="what a unit says of it" if lead is not None else "nobody knows when frames sound",
        ),
        "ran_dry": Figure(value=dry, unit="times"),
    }


def _told(name: str, heard: list[float]) -> Figures:
    found = 1000 * np.array([seconds for seconds in heard if not np.isnan(seconds)])
    note = f"{len(found)} of {len(heard)} were heard"
    if len(found) < 0.9 * len(heard):
        raise RuntimeError(f"{name}: {note}")
    middle, p95 = (float(np.percentile(found, share)) for share in (50, 95))
    return {
        f"{name}_median_ms": Figure(value=middle, unit="ms", hold="<= 110", note=note),
        f"{name}_p95_ms": Figure(value=p95, unit="ms", note=note),
    }
