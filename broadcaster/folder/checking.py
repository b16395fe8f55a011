"""`broadcaster check`: everything that is wrong with a station folder, at once."""

from datetime import date
from pathlib import Path

from broadcaster.domain.rundown import Lengths
from broadcaster.folder.audio import JudgeAudio
from broadcaster.folder.faults import Fault

__all__ = ["check"]


def check(
    folder: Path, *, today: date, lengths: Lengths | None = None, judge_audio: JudgeAudio | None = None
) -> tuple[Fault, ...]:
    """Every fault of the folder, by file and line: of its files, and of the eight days from `today`.

    `lengths` says how long items sound where that is known; words it does not know are estimated.
    `judge_audio` decodes, if that is wanted. Raises nothing, whatever the folder holds.
    """
    raise NotImplementedError
