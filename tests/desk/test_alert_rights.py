"""Who may alert where."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from broadcaster.desk import BadEntry, NotAllowed, NotFound
from broadcaster.domain.alert import Alert
from broadcaster.domain.people import Role
from tests.desk.village import Village


def raised_by_village_head(village: Village, *zones: str) -> Alert:
    return village.desk.raise_alert(village.ben, id="kc-1", template="lu-lut", zones=zones).alert


def test_a_village_head_alerts_the_zones_given_to_them_and_all_below(village: Village) -> None:
    with pytest.raises(NotAllowed) as told:
        raised_by_village_head(village, "thon-ben")
    assert told.value.code == "not-allowed"
    village.may_alert("ben", "thon-ben")
    with pytest.raises(NotAllowed, match=r"may not alert Thôn Chợ; ask somebody who is") as told:
        raised_by_village_head(village, "thon-ben", "thon-cho")
    assert told.value.code == "not-your-zones"
    with pytest.raises(NotAllowed):
        raised_by_village_head(village, "all")
    assert raised_by_village_head(village, "xom-tren", "thon-ben").by == "ben"


def test_who_alerts_one_village_does_not_end_what_the_commune_raised_for_two(village: Village) -> None:
    village.may_alert("ben", "thon-ben")
    far, near = village.unit("thon-cho-1", "thon-cho").unit.id, village.unit().unit.id
    village.on_air(village.minh)
    desk, ben = village.desk, village.ben
    acts: tuple[Callable[[], object], ...] = (
        lambda: desk.stop_alert(ben, "kc-lu-1", based_on=1),
        lambda: desk.correct_alert(ben, "kc-lu-1", based_on=1),
        lambda: desk.all_clear(ben, "kc-lu-1", based_on=1),
        lambda: desk.update_alert(ben, "kc-lu-1", based_on=1, words="Nước rút."),
        lambda: desk.cancel_alert(ben, "kc-lu-1", 1),
        lambda: desk.again(ben, "kc-lu-1", based_on=1),
        lambda: desk.again(ben, "kc-lu-1", based_on=1, units=[far]),
    )
    for act in acts:
        with pytest.raises(NotAllowed) as told:
            act()
        assert told.value.code == "not-your-zones"
    assert desk.again(ben, "kc-lu-1", based_on=1, units=[near]).alert.units == (near,)


def test_a_right_everywhere_is_one_in_every_zone_and_a_zone_that_is_gone_is_none(village: Village) -> None:
    village.may_alert("tuan", "all")
    assert village.desk.raise_alert(village.tuan, id="kc-1", words="Lũ về.", zones=["all"]).alert.by == "tuan"
    lan = village.person("lan", Role.EDITOR)
    village.store.people.change(replace(lan, alert_zones=("thon-cu", "thon-ben")))
    assert village.desk.raise_alert(lan, id="kc-2", words="Lũ về.", zones=["thon-ben"]).alert.by == "lan"
    with pytest.raises(NotAllowed):
        village.desk.raise_alert(lan, id="kc-3", words="Lũ về.", zones=["thon-cho"])


def test_the_right_is_given_and_taken_away_by_an_administrator(village: Village) -> None:
    assert village.may_alert("lan", "thon-ben", "thon-cho").alert_zones == ("thon-ben", "thon-cho")
    assert village.desk.person("lan") == village.store.people.find("lan")
    assert village.may_alert("lan").alert_zones == ()
    with pytest.raises(NotAllowed):
        village.desk.raise_alert(village.lan, id="kc-1", words="Lũ.", zones=["thon-ben"])
    with pytest.raises(BadEntry) as told:
        village.may_alert("lan", "thon-nao")
    assert told.value.code == "unknown-zone"
    with pytest.raises(NotFound):
        village.may_alert("nobody", "thon-ben")
    new = village.desk.add_person(
        village.an,
        login="mai",
        name="Mai",
        password="trời hôm nay đẹp",
        roles=[Role.EDITOR],
        alert_zones=["xom-tren"],
    )
    assert new.alert_zones == ("xom-tren",)
