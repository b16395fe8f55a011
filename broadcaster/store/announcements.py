"""Announcements: messages for a time of their own, in no programme."""

from dataclasses import dataclass, replace
from datetime import datetime

from broadcaster.domain.bulletin import State
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import BulletinId, ProgrammeId
from broadcaster.domain.programme import Chime, Playable, Rank, Recorded, Spoken
from broadcaster.domain.rundown import Announcement
from broadcaster.store.columns import from_list, moment, stamp, to_list
from broadcaster.store.file import Row, StoreFile, Value

__all__ = ["AnnouncementSheet", "Announcements"]

_MIXED = 4_000
"""Letters of about five minutes of speech; what is put together with a chime lasts ten at the most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementSheet:
    """An announcement as the desk keeps it. `zones` are as people wrote them (`all` too).

    It says `words` or plays `recording` (a path below audio/), after `chime` if there is one. When
    `bulletin` is given, title, words, recording and language are that bulletin's present ones, and
    `ready` tells whether it is approved. `by` is a login; `cancelled_by` is None while it stands.
    """

    id: ProgrammeId
    title: str
    words: str | None
    recording: str | None
    zones: tuple[str, ...]
    start: datetime
    rank: Rank
    by: str
    asked: datetime
    language: str | None = None
    chime: str | None = None
    bulletin: BulletinId | None = None
    ready: bool = True
    cancelled_by: str | None = None
    cancelled_at: datetime | None = None

    @property
    def announcement(self) -> Announcement:
        """As planning takes it: a chime is one sound with words that are short enough for that."""
        call = () if self.chime is None else (Chime(name=self.chime),)
        items: tuple[Playable, ...]
        if self.recording is not None:
            items = (*call, Recorded(path=self.recording, bulletin=self.bulletin))
        else:
            words = self.words or ""
            said = Spoken(words=words, language=self.language, bulletin=self.bulletin)
            items = (*call, said) if len(words) > _MIXED else (replace(said, chime=self.chime),)
        return Announcement(
            id=self.id, title=self.title, items=items, zones=self.zones, start=self.start, rank=self.rank
        )


class Announcements:
    """Every announcement ever made; none is deleted."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def put(self, sheet: AnnouncementSheet) -> None:
        """Enter the sheet, or replace the one of the same id."""
        row: dict[str, Value] = {
            "id": sheet.id,
            "bulletin": sheet.bulletin,
            "title": sheet.title,
            "words": sheet.words,
            "recording": sheet.recording,
            "language": sheet.language,
            "chime": sheet.chime,
            "zones": to_list(sheet.zones),
            "start": stamp(sheet.start),
            "rank": int(sheet.rank),
            "asked_by": sheet.by,
            "asked": stamp(sheet.asked),
            "cancelled_by": sheet.cancelled_by,
            "cancelled_at": stamp(sheet.cancelled_at),
        }
        with self._file.writing():
            self._file.upsert("announcements", "id", row)

    def find(self, id: ProgrammeId) -> AnnouncementSheet | None:
        """The announcement of that id."""
        row = self._file.row(f"{_ALL} WHERE a.id = ?", id)
        return None if row is None else _sheet(row)

    def within(self, span: Spell) -> tuple[AnnouncementSheet, ...]:
        """All that start within `span`, cancelled and unapproved ones too, by start."""
        rows = self._file.rows(
            f"{_ALL} WHERE a.start >= ? AND a.start < ? ORDER BY a.start, a.id",
            stamp(span.begin),
            stamp(span.end),
        )
        return tuple(_sheet(row) for row in rows)

    def planned(self, span: Spell) -> tuple[Announcement, ...]:
        """Those of `within` that are to be aired: ready and not cancelled. This is what planning takes."""
        return tuple(
            sheet.announcement for sheet in self.within(span) if sheet.ready and sheet.cancelled_by is None
        )


_ALL = """
    SELECT a.*, b.state AS b_state, b.title AS b_title, b.words AS b_words, b.recording AS b_recording,
        b.language AS b_language
    FROM announcements AS a LEFT JOIN bulletins AS b ON b.id = a.bulletin"""


def _sheet(row: Row) -> AnnouncementSheet:
    linked = row["bulletin"] is not None
    kind = "b_" if linked else ""  # a bulletin's content is kept in one place only
    return AnnouncementSheet(
        id=ProgrammeId(row["id"]),
        title=row[kind + "title"],
        words=row[kind + "words"],
        recording=row[kind + "recording"],
        language=row[kind + "language"],
        zones=from_list(row["zones"]),
        start=moment(row["start"]),
        rank=Rank(row["rank"]),
        by=row["asked_by"],
        asked=moment(row["asked"]),
        chime=row["chime"],
        bulletin=BulletinId(row["bulletin"]) if linked else None,
        ready=not linked or row["b_state"] == State.APPROVED,
        cancelled_by=row["cancelled_by"],
        cancelled_at=moment(row["cancelled_at"]),
    )
