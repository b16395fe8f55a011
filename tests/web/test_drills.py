"""Diễn tập has a door of its own: no single mistake makes a drill of an alert, or an alert of a drill."""

import re

import pytest

from broadcaster.domain.alert import Status
from broadcaster.domain.people import Role
from tests.web.commune import Commune
from tests.web.test_alerts import form_id, known, on_air, raised
from tests.web.test_today import words

DRILL = {"template": "lu", "zones": "all"}


def test_a_drill_shows_first_that_it_is_one(commune: Commune) -> None:
    commune.three_units()
    visitor = commune.at_desk(Role.APPROVER)
    page = visitor.get("/dien-tap/lu").text
    said = re.findall(r'<p class="say try">([^<]+)', page)
    assert said[0].startswith("Diễn tập. Đây là buổi diễn tập")
    assert 'class="tape"' in page
    assert "PHÁT THẬT" not in page
    assert "/khan-cap/phat" not in page


def test_a_drill_runs_and_is_taken_back_at_its_own_addresses(commune: Commune) -> None:
    visitor = commune.at_desk(Role.APPROVER)
    id = form_id(visitor, "/dien-tap/lu")
    assert id.startswith("dt-")
    answer = visitor.post("/dien-tap/chay", id=id, **DRILL)
    assert (answer.status_code, answer.location) == (302, f"/dien-tap/dang-chay/{id}")
    drill = known(commune, id)
    assert drill is not None
    assert drill.status is Status.EXERCISE
    assert "DIỄN TẬP Loa sẽ phát sau" in words(visitor.get(answer.location).text)
    assert "DIỄN TẬP: Lũ, ngập lụt" in words(visitor.get("/").text)
    assert visitor.post(f"/dien-tap/dang-chay/{id}/huy", based_on="1").status_code == 302
    assert "Đã huỷ diễn tập" in visitor.get(answer.location).text


def test_a_drills_form_sent_to_the_real_door_raises_nothing(commune: Commune) -> None:
    visitor = commune.at_desk(Role.APPROVER)
    id = form_id(visitor, "/dien-tap/lu")
    assert visitor.post("/khan-cap/phat", id=id, **DRILL, repeats="3").status_code == 400
    assert known(commune, id) is None


def test_a_real_form_sent_to_the_drills_door_raises_nothing(commune: Commune) -> None:
    visitor = commune.at_desk(Role.APPROVER)
    id = form_id(visitor, "/khan-cap/lu")
    assert visitor.post("/dien-tap/chay", id=id, **DRILL).status_code == 400
    assert known(commune, id) is None


@pytest.mark.parametrize("field", ["status", "kind", "drill", "real", "message", "severity", "anyway"])
def test_no_field_of_a_form_makes_one_of_the_other(commune: Commune, field: str) -> None:
    visitor = commune.at_desk(Role.APPROVER)
    for value in ("actual", "4"):
        id = f"dt-{field}-{value}"
        assert visitor.post("/dien-tap/chay", id=id, **DRILL, **{field: value}).status_code == 302
        drill = known(commune, id)
        assert drill is not None
        assert drill.status is Status.EXERCISE
    id = f"kc-{field}"
    form: dict[str, object] = {"id": id, "template": "xa-lu", "zones": "all", field: "exercise"}
    assert visitor.post("/khan-cap/phat", **form).status_code == 302
    alert = known(commune, id)
    assert alert is not None
    assert alert.status is Status.ACTUAL


@pytest.mark.parametrize("verb", ["huy", "dong-y", "dung", "dinh-chinh", "an-toan", "cap-nhat", "phat-lai"])
def test_the_real_door_does_not_know_a_drill(commune: Commune, verb: str) -> None:
    visitor = commune.at_desk(Role.APPROVER)
    visitor.post("/dien-tap/chay", id="dt-1", **DRILL)
    on_air(commune, "dt-1")
    before = commune.trail()
    assert visitor.get("/khan-cap/dang-phat/dt-1").status_code == 404
    answer = visitor.post(f"/khan-cap/dang-phat/dt-1/{verb}", based_on="1", words="Chạy!")
    assert answer.status_code == 404
    assert commune.trail() == before


@pytest.mark.parametrize("verb", ["huy", "dung", "phat-lai"])
def test_the_drills_door_does_not_know_an_alert(commune: Commune, verb: str) -> None:
    visitor = commune.at_desk(Role.APPROVER)
    id = raised(commune, visitor)
    before = commune.trail()
    assert visitor.get(f"/dien-tap/dang-chay/{id}").status_code == 404
    assert visitor.post(f"/dien-tap/dang-chay/{id}/{verb}", based_on="1").status_code == 404
    assert commune.trail() == before


def test_the_two_doors_share_no_address_that_sends(commune: Commune) -> None:
    rules = [rule for rule in commune.app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    real = {rule.endpoint for rule in rules if rule.rule.startswith("/khan-cap")}
    drills = {rule.endpoint for rule in rules if rule.rule.startswith("/dien-tap")}
    assert real
    assert drills
    assert not real & drills


def test_outside_the_hours_it_is_told_that_nobody_would_hear_it(commune: Commune) -> None:
    commune.three_units()
    visitor = commune.at_desk(Role.APPROVER)
    assert "ngoài giờ được phép phát" not in visitor.get("/dien-tap/lu").text
    commune.present = commune.present.replace(hour=14)
    assert "Bây giờ ngoài giờ được phép phát, loa sẽ không đọc." in visitor.get("/dien-tap/lu").text
