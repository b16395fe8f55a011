"""Said now or at a time, taken back, stopped."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from broadcaster.desk import BadEntry, NotAllowed, NotFound
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import CueId
from broadcaster.domain.programme import Rank, Spoken
from broadcaster.domain.quiet import QuietSpell
from broadcaster.store.orders import StopAir
from tests.desk.village import NOON, STATION, TONIGHT, Village

ALL_DAY = Spell(begin=NOON - timedelta(days=1), end=NOON + timedelta(days=1))


def refused(verb: Callable[..., object], *entries: object, **named: object) -> str:
    with pytest.raises((BadEntry, NotAllowed, NotFound)) as told:
        verb(*entries, **named)
    return told.value.code


def test_what_is_said_starts_with_the_next_second(village: Village) -> None:
    village.later(milliseconds=300)
    said = village.desk.say(village.lan, "Mời bà con đi họp.", zones=["thon-ben"])
    assert said.start == NOON + timedelta(seconds=1)
    (planned,) = village.store.announcements.planned(ALL_DAY)
    assert planned.items == (Spoken(words="Mời bà con đi họp."),)
    assert (planned.title, planned.zones, planned.rank) == (
        "Mời bà con đi họp.",
        ("thon-ben",),
        Rank.ORDINARY,
    )


def test_saying_the_same_twice_with_one_id_sounds_once(village: Village) -> None:
    first = village.desk.say(village.lan, "Mời bà con đi họp.", zones=["all"], id="hop-dan")
    village.later(minutes=5)
    assert village.desk.say(village.lan, "Mời bà con đi họp.", zones=["all"], id="hop-dan") == first
    village.desk.say(village.lan, "Mời bà con đi họp.", zones=["all"])
    assert len(village.store.announcements.within(ALL_DAY)) == 2


def test_a_retry_after_it_was_cancelled_does_not_bring_it_back(village: Village) -> None:
    village.desk.say(village.lan, "Mời bà con đi họp.", zones=["all"], id="hop-dan")
    village.desk.cancel_announcement(village.minh, "hop-dan")
    again = village.desk.say(village.lan, "Mời bà con đi họp.", zones=["all"], id="hop-dan")
    assert again.cancelled_by == "minh"
    assert village.store.announcements.planned(ALL_DAY) == ()


def test_an_id_of_something_else_is_refused(village: Village) -> None:
    village.desk.say(village.lan, "Mời bà con đi họp.", zones=["all"], id="hop-dan")
    acts: list[Callable[[], object]] = [
        lambda: village.desk.say(village.lan, "Khác.", zones=["all"], id="hop-dan"),
        lambda: village.desk.say(village.hoa, "Mời bà con đi họp.", zones=["all"], id="hop-dan"),
        lambda: village.desk.say(village.lan, "Mời bà con đi họp.", zones=["xa"], id="hop-dan"),
        lambda: village.desk.say(village.lan, "Mời bà con đi họp.", zones=["all"], id="ban-tin"),
    ]
    assert [refused(act) for act in acts] == ["id-taken"] * 4
    for id in ("", "Họp", "a b", "x" * 49, "-a"):
        with pytest.raises(BadEntry) as told:
            village.desk.say(village.lan, "Họp.", zones=["all"], id=id)
        assert told.value.code == "bad-id"


def test_where_the_station_asks_for_approval_only_who_may_approve_may_say(village: Village) -> None:
    village.asks_for_approval()
    with pytest.raises(NotAllowed, match="write a bulletin, submit it, and book it") as told:
        village.desk.say(village.lan, "Mời bà con đi họp.", zones=["all"])
    assert told.value.code == "approval-needed"
    village.desk.say(village.minh, "Mời bà con đi họp.", zones=["all"])


def test_a_chime_may_go_before_and_must_be_there(village: Village) -> None:
    chimes = village.folder.audio / "chimes"
    chimes.mkdir(parents=True)
    (chimes / "opening.opus").write_bytes(b"ding")
    said = village.desk.say(village.lan, "Họp.", zones=["all"], chime="opening", language="vi")
    assert said.announcement.items == (Spoken(words="Họp.", language="vi", chime="opening"),)
    for chime in ("gong", "../recordings/x", ""):
        with pytest.raises(BadEntry) as told:
            village.desk.say(village.lan, "Họp.", zones=["all"], chime=chime)
        assert (told.value.field, told.value.code) == ("chime", "no-such-chime")


def test_at_night_the_desk_is_silent(village: Village) -> None:
    village.has_hours()
    with pytest.raises(BadEntry, match="only an alert sounds outside them") as told:
        village.desk.say(village.lan, "Họp.", zones=["all"])
    assert told.value.code == "outside-hours"
    village.desk.say(village.lan, "Họp.", zones=["all"], at=NOON + timedelta(hours=6))


def test_a_funeral_in_one_village_does_not_silence_the_others(village: Village) -> None:
    mourning = QuietSpell(
        zones=(STATION.zones[1].id,),
        begin=datetime.fromisoformat("2026-11-21T08:00"),
        end=datetime.fromisoformat("2026-11-22T08:00"),
    )
    village.folder.station = replace(STATION, quiet=(mourning,))
    village.desk.say(village.lan, "Họp.", zones=["all"])
    assert refused(village.desk.say, village.lan, "Họp.", zones=["xom-tren"]) == "outside-hours"


def test_a_long_text_has_a_short_title(village: Village) -> None:
    said = village.desk.say(village.lan, "Mời bà con\nđi họp " * 20, zones=["all"])
    assert said.title == "Mời bà con đi họp Mời bà con đi họp Mời bà con đi họp Mời…"
    assert len(village.desk.say(village.lan, "x" * 500, zones=["all"]).title) == 61


def test_a_village_takes_back_its_own_and_an_editor_anybody_s(village: Village) -> None:
    for id in "ab":
        village.desk.say(village.lan, "Họp.", zones=["thon-ben"], id=id)
    assert refused(village.desk.cancel_announcement, village.ben, "a") == "not-own"
    cancelled = village.desk.cancel_announcement(village.hoa, "a")
    assert (cancelled.cancelled_by, cancelled.cancelled_at) == ("hoa", village.present)
    assert [planned.id for planned in village.store.announcements.planned(ALL_DAY)] == ["b"]
    for id in ("khong-co", "!"):
        with pytest.raises(NotFound):
            village.desk.cancel_announcement(village.lan, id)


def test_a_stop_names_every_zone_it_reaches(village: Village) -> None:
    order = village.desk.stop(village.lan, zones=["thon-ben"], cue=TONIGHT)
    assert order.to == ("zone:thon-ben", "zone:xom-tren")
    assert order.wish == StopAir(cue=CueId(TONIGHT))
    assert order.by == "Lan"
    assert village.desk.stop(village.lan, zones=["xa"]).to == ("all",)
    assert village.desk.stop(village.lan, zones=["all"]).to == ("all",)
    assert len(village.store.orders.take(village.present)) == 3


def test_a_stop_of_whatever_is_on_air_does_not_lie_in_wait_for_the_next(village: Village) -> None:
    anything = village.desk.stop(village.lan, zones=["all"])
    this = village.desk.stop(village.lan, zones=["all"], cue=TONIGHT)
    assert anything.expires - anything.asked <= timedelta(seconds=30)
    assert this.expires - this.asked >= timedelta(hours=1)
    village.later(seconds=31)
    assert village.store.orders.take(village.present) == (this,)


def test_a_village_stops_only_its_own_zone(village: Village) -> None:
    assert village.desk.stop(village.ben, zones=["xom-tren"]).to == ("zone:xom-tren",)
    assert refused(village.desk.stop, village.ben, zones=["all"]) == "not-own"


def test_an_order_s_id_used_for_another_order_is_refused(village: Village) -> None:
    village.desk.stop(village.lan, zones=["all"], id="dung")
    assert refused(village.desk.stop, village.lan, zones=["xom-tren"], id="dung") == "id-taken"
    assert refused(village.desk.stop, village.lan, zones=["all"], cue="x") == "no-such-cue"
