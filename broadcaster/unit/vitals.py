"""What a unit says of its own state: read from its parts when a heartbeat is due."""

import shutil
from pathlib import Path

from broadcaster.domain.names import UnitId
from broadcaster.link.messages import WIRE_VERSION, Beat
from broadcaster.unit.box import Box
from broadcaster.unit.clock import UnitClock
from broadcaster.unit.holding import Holding
from broadcaster.unit.obeying import Obeying
from broadcaster.unit.records import Records
from broadcaster.unit.speaker import Speaker

__all__ = ["Vitals"]

_UNKNOWN = 1e9
"""Seconds of clock error that stand for no idea at all: JSON has no infinity."""


class Vitals:
    """The parts of one unit, looked at by `beat`. `folder` is on the disk that must not fill."""

    def __init__(
        self,
        unit: UnitId,
        software: str,
        folder: Path,
        *,
        box: Box,
        clock: UnitClock,
        holding: Holding,
        obeying: Obeying,
        records: Records,
        speaker: Speaker,
    ) -> None:
        self._unit = unit
        self._software = software
        self._folder = folder
        self._box = box
        self._clock = clock
        self._holding = holding
        self._obeying = obeying
        self._records = records
        self._speaker = speaker

    def beat(self) -> Beat:
        """The heartbeat of this moment. Raises OSError when even the disk's state cannot be read."""
        return Beat(
            v=WIRE_VERSION,
            unit=self._unit,
            at=self._clock.now(),
            software=self._software,
            plan=self._box.revision,
            missing=self._holding.missing,
            playing=self._box.now_playing(),
            clock_trusted=self._clock.trusted,
            clock_error=min(self._clock.error, _UNKNOWN),
            disk_free=shutil.disk_usage(self._folder).free,
            underruns=self._speaker.ring.underruns,
            speaker=self._speaker.name,
            waiting=self._records.waiting,
            refusals=dict(self._obeying.refusals),
        )
