"""Announcements: messages for a time of their own, in no programme."""

from dataclasses import dataclass
from datetime import datetime

from broadcaster.domain.instants import Spell
from broadcaster.domain.names import BulletinId
from broadcaster.domain.programme import Item, Rank
from broadcaster.store.file import StoreFile

__all__ = ["AnnouncementSheet", "Announcements"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementSheet:
    """An announcement as the desk keeps it; `id` is a slug, `zones` as people wrote them (`all` too).

    `items` are what sounds: when `bulletin` is given they are that bulletin's present content, and
    `ready` says whether it is approved (what is not ready is not planned). `cancelled_by` is None while
    it stands.
    """

    id: str
    title: str
    items: tuple[Item, ...]
    zones: tuple[str, ...]
    start: datetime
    rank: Rank
    by: str
    asked: datetime
    bulletin: BulletinId | None = None
    ready: bool = True
    cancelled_by: str | None = None
    cancelled_at: datetime | None = None


class Announcements:
    """Every announcement ever made; none is deleted."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def put(self, sheet: AnnouncementSheet) -> None:
        """Enter the sheet, or replace the one of the same id."""
        raise NotImplementedError

    def find(self, id: str) -> AnnouncementSheet | None:
        """The announcement of that id."""
        raise NotImplementedError

    def within(self, span: Spell) -> tuple[AnnouncementSheet, ...]:
        """All that start within `span`, cancelled and unapproved ones too, by start."""
        raise NotImplementedError

    def planned(self, span: Spell) -> tuple[AnnouncementSheet, ...]:
        """Those of `within` that are to be aired: ready and not cancelled. This is what planning takes."""
        raise NotImplementedError
