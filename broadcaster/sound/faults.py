"""What can be wrong with a sound file or its place, and what a person can do about it.

The kinds are a closed list, so that the panel can say each in the reader's language; the text of a
`BadSound` says the same in plain English.
"""

from enum import StrEnum
from pathlib import Path

__all__ = ["TEXTS", "BadSound", "Fault", "NoRoom"]


class Fault(StrEnum):
    """Whose fault it is: always the file's. Faults of the disk are OSError and NoRoom."""

    EMPTY = "empty"
    NOT_SOUND = "not-sound"
    NO_SOUND = "no-sound"
    CUT_OFF = "cut-off"
    DAMAGED = "damaged"
    TOO_LONG = "too-long"
    ODD_SHAPE = "odd-shape"
    SILENT = "silent"
    UNDECODABLE = "undecodable"


TEXTS: dict[Fault, tuple[str, str]] = {
    Fault.EMPTY: ("is empty (0 bytes)", "Copy it again from where it was recorded"),
    Fault.NOT_SOUND: (
        "cannot be read as sound{detail}",
        "It may be a text or a picture under a wrong name, or cut off while it was copied: "
        "hand in the recording itself (MP3, WAV, M4A, OGG)",
    ),
    Fault.NO_SOUND: ("holds no sound, only {detail}", "Hand in a recording with sound"),
    Fault.CUT_OFF: ("holds only {detail}", "It is damaged or was cut off while it was copied: copy it again"),
    Fault.DAMAGED: ("is damaged at {detail}", "Copy it again, or save it anew in a sound editor"),
    Fault.TOO_LONG: ("lasts {detail}", "Cut it into parts"),
    Fault.ODD_SHAPE: ("has {detail}", "Save it as mono or stereo at 44.1 or 48 kHz"),
    Fault.SILENT: ("is silent{detail}", "Record it again, nearer to the microphone"),
    Fault.UNDECODABLE: ("could not be decoded: {detail}", "Save it anew in a sound editor, as MP3 or WAV"),
}


class BadSound(Exception):
    """A file that is not the sound it should be. The text names the file, what is wrong and what to do."""

    def __init__(self, name: str | Path, fault: Fault, detail: str = "") -> None:
        self.name = name.name if isinstance(name, Path) else name
        self.fault = fault
        self.detail = detail
        wrong, remedy = TEXTS[fault]
        super().__init__(f"{self.name} {wrong.format(detail=detail)}. {remedy}.")


class NoRoom(Exception):
    """The disk is full, or what one may use of it. The text says how much is needed, and where."""

    def __init__(self, folder: Path, needed: int, free: int) -> None:
        self.needed = needed
        super().__init__(
            f"there is no room for new sound in {folder}: about {_megabytes(needed)} MB are needed and "
            f"{_megabytes(free)} MB are free. Remove what is not needed from that disk."
        )


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f}" if size < 10_000_000 else f"{size / 1e6:.0f}"
