"""Announcements: messages for a time of their own, in no programme."""

from dataclasses import dataclass
from datetime import datetime

from broadcaster.domain.instants import Spell
from broadcaster.domain.names import BulletinId, ProgrammeId
from broadcaster.domain.programme import Rank
from broadcaster.domain.rundown import Announcement
from broadcaster.store.file import StoreFile

__all__ = ["AnnouncementSheet", "Announcements"]


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
        """As planning takes it."""
        raise NotImplementedError


class Announcements:
    """Every announcement ever made; none is deleted."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def put(self, sheet: AnnouncementSheet) -> None:
        """Enter the sheet, or replace the one of the same id."""
        raise NotImplementedError

    def find(self, id: ProgrammeId) -> AnnouncementSheet | None:
        """The announcement of that id."""
        raise NotImplementedError

    def within(self, span: Spell) -> tuple[AnnouncementSheet, ...]:
        """All that start within `span`, cancelled and unapproved ones too, by start."""
        raise NotImplementedError

    def planned(self, span: Spell) -> tuple[Announcement, ...]:
        """Those of `within` that are to be aired: ready and not cancelled. This is what planning takes."""
        raise NotImplementedError
