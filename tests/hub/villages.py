"""A small commune for the tests of the hub: its zones, a rundown, clips that exist in name."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from broadcaster.domain.names import ClipId, CueId, ProgrammeId, StationId, ZoneId
from broadcaster.domain.places import Station, Zone
from broadcaster.domain.plan import Clip
from broadcaster.domain.programme import LatePolicy, Playable, Rank, StartMode
from broadcaster.domain.rundown import Cue

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
MORNING = datetime(2026, 11, 21, 22, 0, tzinfo=UTC)
"""05:00 on 22 November at the commune."""


def commune() -> Station:
    return Station(
        id=StationId("dong-tien"),
        name="Đài truyền thanh xã Đồng Tiến",
        timezone=SAIGON,
        language="vi",
        voices=("espeak-ng",),
        zones=(
            Zone(id=ZoneId("xa"), name="Xã Đồng Tiến"),
            Zone(id=ZoneId("thon-ben"), name="Thôn Bến", parent=ZoneId("xa")),
            Zone(id=ZoneId("thon-dinh"), name="Thôn Đình", parent=ZoneId("xa")),
        ),
    )


def a_cue(*items: Playable, zones: tuple[str, ...] = ("all",), programme: str = "ban-tin-sang") -> Cue:
    return Cue(
        id=CueId(f"{programme}@2026-11-22T05:00:00"),
        programme=ProgrammeId(programme),
        title="Bản tin sáng",
        rank=Rank.ORDINARY,
        start=MORNING,
        mode=StartMode.SOFT,
        grace=timedelta(minutes=10),
        late=LatePolicy.WHOLE,
        max=None,
        zones=commune().reach(zones),
        items=items,
    )


def a_clip(letter: str = "a", seconds: int = 3, *, joins: bool = False) -> Clip:
    return Clip(id=ClipId(letter * 64), frames=seconds * 48_000, joins=joins, title="tiếng nói")
