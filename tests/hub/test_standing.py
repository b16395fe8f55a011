"""What lies on every unit for alerts, whatever is planned."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.domain.alertsounds import every_sound, general_sounds
from broadcaster.domain.names import ZoneId
from broadcaster.domain.places import Station
from broadcaster.domain.plan import Plan
from broadcaster.domain.programme import Playable, Spoken
from broadcaster.domain.readiness import Laid
from broadcaster.domain.rundown import Rundown
from broadcaster.folder import alert_mark
from broadcaster.hub.hub import Hub
from broadcaster.hub.planning import Missing, Pending, Ready, plan_for, span_at
from broadcaster.hub.standing import kept, lying, standing
from tests.days.communes import alert_template, commune
from tests.days.hours import Time, local
from tests.days.office import Office
from tests.days.wire import Wire
from tests.domain.readymade import RECORDED, said, template, wording
from tests.hub.villages import MORNING, a_clip
from tests.hub.villages import commune as village

BEN, DINH = ZoneId("thon-ben"), ZoneId("thon-dinh")
LU = template(wording("vi"), RECORDED)
LATER = MORNING + timedelta(hours=1)


def two_tongues() -> Station:
    """Thôn Bến speaks Hmong first."""
    plain = village()
    zones = tuple(replace(zone, languages=("hmn", "vi")) if zone.id == BEN else zone for zone in plain.zones)
    return replace(plain, zones=zones)


class Made:
    """Everything is made, but what a test says."""

    def __init__(self, but: Mapping[Playable, Ready] | None = None) -> None:
        self.but = dict(but or {})
        self._names: dict[Playable, str] = {}

    def __call__(self, item: Playable) -> Ready:
        if item in self.but:
            return self.but[item]
        number = len(self._names)
        name = self._names.setdefault(item, f"{number:02x}")
        return replace(a_clip("0"), id=type(a_clip("0").id)(name * 32))


def planned(zone: ZoneId, made: Made, revision: int = 5) -> Plan:
    station = two_tongues()
    keep = kept(station, zone, [LU], made)
    nothing = Rundown(cues=(), problems=())
    return plan_for(station, zone, nothing, made, {}, (), span_at(MORNING), revision, keep)


def laid(made: Made, *before: Laid, revision: int = 5) -> dict[ZoneId, Laid]:
    plans = [planned(zone, made, revision) for zone in (BEN, DINH)]
    at = LATER if before else MORNING
    return {each.zone: each for each in lying(two_tongues(), plans, [LU], made, before, at)}


def test_everything_is_made_that_any_zone_may_ever_need_of_it() -> None:
    station = two_tongues()
    made = standing(station, [LU])
    assert len(set(made)) == len(made)
    for languages in (("hmn", "vi"), ("vi",)):
        assert set(every_sound(LU, languages, "vi")) <= set(made)
    assert set(general_sounds("vi")) <= set(made)
    assert set(general_sounds("vi")) == set(standing(station, []))


def test_each_zone_keeps_what_is_said_in_its_languages_and_no_more() -> None:
    ben, dinh = (set(kept(two_tongues(), zone, [LU], Made())) for zone in (BEN, DINH))
    assert {RECORDED.alert, RECORDED.correction, RECORDED.all_clear, said("lũ vi")} <= ben
    assert said("lũ vi") in dinh
    assert RECORDED.alert not in dinh
    assert set(general_sounds("vi")) <= ben & dinh


def test_a_template_comes_onto_the_units_as_a_whole_and_not_sound_by_sound() -> None:
    made = Made({said("hết vi"): Pending()})
    assert set(kept(two_tongues(), DINH, [LU], made)) == set(general_sounds("vi"))
    assert laid(made)[DINH].pending == 1
    made.but.clear()
    assert said("lũ vi") in kept(two_tongues(), DINH, [LU], made)


def test_what_cannot_be_made_keeps_nothing_else_off_the_units_and_is_told() -> None:
    made = Made({said("hết vi"): Missing(why="no voice could speak this")})
    assert said("lũ vi") in kept(two_tongues(), DINH, [LU], made)
    found = laid(made)[DINH]
    assert found.pending == 0
    assert found.unmade == ("words “hết vi”: no voice could speak this",)


def test_a_plan_names_each_sound_once_though_several_templates_need_it() -> None:
    keep = planned(BEN, Made()).keep
    assert len(set(keep)) == len(keep)


def test_what_lies_there_lies_there_since_the_plan_that_first_had_it() -> None:
    made = Made()
    first = laid(made)
    again = laid(made, *first.values(), revision=9)
    assert again == first
    assert (first[BEN].revision, first[BEN].at) == (5, MORNING)
    made.but[said("lũ vi")] = a_clip("f")
    changed = laid(made, *first.values(), revision=9)
    assert (changed[DINH].revision, changed[DINH].at) == (9, LATER)


def test_a_plan_that_could_not_be_laid_is_no_readiness() -> None:
    made = Made()
    old = replace(planned(BEN, made), keep=())
    (found,) = lying(two_tongues(), [old], [LU], made, (), MORNING)
    assert found.pending == len(found.clips) > 0


# -- in a hub that runs -----------------------------------------------------------------------------------


class Room:
    """A hub with a unit in thôn Bến, and its service's part played by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.time = Time(local("12:00"))
        self.office = Office(folder, self.time, Wire(), lengths={}, fails={})
        self.office.let_in("loa-ben", "thon-ben")
        self.made = 0

    @property
    def hub(self) -> Hub:
        assert self.office.hub is not None
        return self.office.hub

    def settle(self) -> int:
        """Until there is nothing to do any more; how many plans were put in force."""
        revisions = {self.revision}
        for _ in range(60):
            self.time.pass_by(timedelta(seconds=1))
            self.hub.step(self.time.now(), self.time.monotonic(), made=self.made)
            revisions.add(self.revision)
            self.made += self.hub.preparation.make_next(self.time.now())
        return len(revisions) - 1

    @property
    def revision(self) -> int:
        ref = self.hub._shelf.refs.get(BEN)
        return 0 if ref is None else ref.revision

    def titles(self) -> set[str]:
        plan = self.hub._shelf.plan(BEN)
        return set() if plan is None else {clip.title for clip in plan.keep}


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(commune(tmp_path / "station"))


def test_a_template_that_is_saved_is_made_and_lies_on_every_unit_within_the_minute(room: Room) -> None:
    room.settle()
    assert room.office.store.readiness.laid() == ()
    alert_template(room.folder, "lu", "Nước lên", severity="extreme")
    assert room.settle() <= 3
    assert {"Nước lên", "Phát nhầm", "Đã yên"} <= room.titles()
    (found,) = room.office.store.readiness.laid()
    assert (found.template, found.zone, found.pending, found.unmade) == ("lu", "thon-ben", 0, ())
    assert found.revision == room.revision
    assert room.settle() == 0


def test_a_template_that_is_broken_now_stays_on_the_units_over_a_restart(room: Room) -> None:
    alert_template(room.folder, "lu", "Nước lên", severity="extreme")
    room.settle()
    (room.folder / "schedules/alerts/lu.toml").write_text("title = ")
    room.office.kill()
    room.office.boot()
    assert room.settle() == 0
    assert "Nước lên" in room.titles()
    assert room.hub._reading.alerts.keys() == room.office.seen.alerts.keys() == {"lu"}
    assert any(fault.file == "schedules/alerts/lu.toml" for fault in room.hub._reading.faults)


def test_a_template_that_is_taken_away_goes_from_the_units(room: Room) -> None:
    alert_template(room.folder, "lu", "Nước lên", severity="extreme")
    room.settle()
    (room.folder / "schedules/alerts/lu.toml").unlink()
    room.settle()
    assert "Nước lên" not in room.titles()
    assert room.office.store.readiness.laid() == ()
    assert room.office.store.texts.last_good("schedules/alerts/lu.toml") is None


def test_what_the_panel_saves_is_what_the_hub_reads(room: Room) -> None:
    seen = room.office.seen
    alert_template(room.folder, "lu", "Nước lên", severity="extreme")
    lu = seen.alerts[next(iter(seen.alerts))]
    mark = alert_mark(room.folder, lu.id)
    words = Spoken(words="Nước lên nhanh", language="vi")
    seen.save_alert(replace(lu, wordings=(replace(lu.wordings[0], alert=words),)), mark)
    room.settle()
    assert room.hub._reading.alerts == seen.alerts
    assert "Nước lên nhanh" in room.titles()
