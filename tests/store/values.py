"""Small true values for the store to keep."""

from datetime import UTC, datetime, timedelta

from broadcaster.domain.asrun import AsRunEntry, Outcome, Stretch
from broadcaster.domain.bulletin import Bulletin, State
from broadcaster.domain.names import BulletinId, CueId, ProgrammeId, UnitId, ZoneId
from broadcaster.domain.places import Unit
from broadcaster.domain.programme import Rank
from broadcaster.store.announcements import AnnouncementSheet
from broadcaster.store.bulletins import BulletinSheet
from broadcaster.store.units import JoinedUnit

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def cue(day: int = 21, at: str = "05:00:00", programme: str = "ban-tin-sang") -> CueId:
    return CueId(f"{programme}@2026-11-{day:02}T{at}")


def bulletin(id: str = "mat-dien", state: State = State.APPROVED, rank: Rank = Rank.ORDINARY) -> Bulletin:
    return Bulletin(
        id=BulletinId(id),
        title="Mất điện",
        words="Ngày mai mất điện từ tám giờ.",
        recording=None,
        author="lan",
        written=NOON,
        rank=rank,
        state=state,
    )


def sheet(id: str = "mat-dien", state: State = State.APPROVED, rank: Rank = Rank.ORDINARY) -> BulletinSheet:
    return BulletinSheet(bulletin=bulletin(id, state, rank), words_by="lan", words_at=NOON)


def announcement(id: str = "hop-dan", start: datetime = NOON) -> AnnouncementSheet:
    return AnnouncementSheet(
        id=ProgrammeId(id),
        title="Họp dân",
        words="Mời bà con đi họp.",
        recording=None,
        zones=("thon-ben", "xa"),
        start=start,
        rank=Rank.PRIORITY,
        by="lan",
        asked=NOON,
        language="vi",
        chime="opening",
    )


def joined(id: str = "thon-ben-1", nkey: str = "UABC") -> JoinedUnit:
    unit = Unit(id=UnitId(id), name="Cột điện số 3", zone=ZoneId("thon-ben"))
    return JoinedUnit(unit=unit, nkey=nkey, joined=NOON, volume=-3.5)


def aired(unit: str = "thon-ben-1", of: CueId | None = None, minutes: int = 0) -> AsRunEntry:
    start = NOON + minutes * MINUTE
    return AsRunEntry(
        unit=UnitId(unit),
        cue=of or cue(),
        title="Bản tin sáng",
        revision=7,
        outcome=Outcome.AIRED,
        planned=start,
        ended=start + MINUTE,
        asked=MINUTE,
        stretches=(Stretch(begin=start, length=MINUTE),),
        level=-18.25,
    )


def not_aired(
    outcome: Outcome, unit: str = "thon-ben-1", of: CueId | None = None, why: str = "because"
) -> AsRunEntry:
    return AsRunEntry(
        unit=UnitId(unit),
        cue=of or cue(),
        title="Bản tin sáng",
        revision=7,
        outcome=outcome,
        planned=NOON,
        ended=NOON,
        asked=MINUTE,
        reason=why,
    )
