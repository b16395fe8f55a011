"""Recordings handed in: taken in by `sound.intake`, kept in audio/recordings/, named by what their file was
called and a piece of their content's hash."""

import shutil
from hashlib import file_digest
from pathlib import Path
from secrets import token_hex

from broadcaster.desk import entries
from broadcaster.desk.counter import Counter
from broadcaster.desk.faults import BadEntry
from broadcaster.desk.rights import Verb
from broadcaster.domain.names import slug
from broadcaster.domain.people import Person
from broadcaster.files import settle
from broadcaster.sound.faults import TEXTS, BadSound
from broadcaster.sound.intake import take_in

__all__ = ["RESERVE", "RecordingVerbs"]

RESERVE = 200_000_000
"""Bytes that stay free on the disk for the store, clips and the system: uploads are refused before that."""

_BITRATE = 96_000
"""Bit/s: more than a clip's, because the clip is made from it."""

_NAME = 40


class RecordingVerbs(Counter):
    """Verbs about recordings."""

    def hand_in_recording(self, who: Person, upload: Path, *, name: str) -> str:
        """Take in an uploaded temporary file; returns the recording's path below audio/.

        `name` is what the person's file was called. The same recording again gives the same path. Takes as
        long as decoding does, outside any transaction; `upload` stays. BadEntry codes: no-room; those of
        `sound.faults.Fault`, which is to say bad-sound-empty, bad-sound-not-sound and so on.
        """
        shown = entries.line(Path(name).name[-entries.TITLE_LIMIT :] or "recording", "name")
        self.allowed(who, Verb.HAND_IN)
        folder = self.folder.audio / "recordings"
        folder.mkdir(parents=True, exist_ok=True)
        self._check_room(folder, upload)
        fresh = folder / f".handed-in-{token_hex(6)}.opus"
        try:
            self._take_in(upload, fresh, shown)
            with fresh.open("rb") as sound:
                digest = file_digest(sound, "sha256").hexdigest()
            begins = slug(Path(shown).stem, _NAME) or "recording"
            kept = folder / f"{begins}-{digest[:12]}.opus"
            path = f"recordings/{kept.name}"
            with self.act(who, Verb.HAND_IN) as act:
                if kept.exists():
                    act.nothing()
                else:
                    settle(fresh, kept)
                    act.note(path, after=shown)
        finally:
            fresh.unlink(missing_ok=True)
        return path

    def _take_in(self, upload: Path, fresh: Path, shown: str) -> None:
        try:
            take_in(upload, fresh, bitrate=_BITRATE, name=shown)
        except BadSound as fault:
            wrong, remedy = TEXTS[fault.fault]
            what = f"{shown} {wrong.format(detail=fault.detail)}"
            raise BadEntry("recording", what, remedy, code=f"bad-sound-{fault.fault}") from None
        except OSError as fault:
            raise _no_room(f"it cannot be kept ({fault.strerror})") from fault

    def _check_room(self, folder: Path, upload: Path) -> None:
        free = shutil.disk_usage(folder).free - upload.stat().st_size
        if free < RESERVE:
            raise _no_room("the disk is nearly full")


def _no_room(what: str) -> BadEntry:
    return BadEntry(
        "recording", what, "free some space on the station's disk, then try again", code="no-room"
    )
