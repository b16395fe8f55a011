"""Making alerts ready: templates saved, tests asked for."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from broadcaster.desk import BadEntry
from broadcaster.domain.alert import AlertTemplate, Hazard, Severity, Wording
from broadcaster.domain.names import AlertId
from broadcaster.domain.programme import Recorded, Spoken
from tests.desk.village import Village, flood


@pytest.fixture
def ready(village: Village) -> Village:
    village.chime()
    return village


def saved(village: Village, **changes: Any) -> AlertTemplate:
    plain = flood()
    form: dict[str, Any] = {
        "id": "lu-quet",
        "title": "Lũ quét",
        "hazard": plain.hazard,
        "severity": plain.severity,
        "signal": plain.signal,
        "zones": ["thon-ben"],
        "wordings": plain.wordings,
    }
    return village.desk.save_template(village.an, **(form | changes))


def wording(**changes: Any) -> Wording:
    return replace(flood().wordings[0], **changes)


def test_a_new_template_is_in_force_as_it_was_written(ready: Village) -> None:
    made = saved(
        ready, repeats=5, gap=timedelta(seconds=20), volume=-3.0, lasts=timedelta(hours=6), second_person=True
    )
    assert ready.folder.alerts[AlertId("lu-quet")] == made
    assert (made.title, made.hazard, made.severity) == ("Lũ quét", Hazard.FLOOD, Severity.EXTREME)
    assert (made.repeats, made.gap, made.volume) == (5, timedelta(seconds=20), -3.0)
    assert (made.lasts, made.second_person, made.zones) == (timedelta(hours=6), True, ("thon-ben",))
    (line,) = [line for line in ready.trail() if line.on == "lu-quet"]
    assert line.after == "Lũ quét, thon-ben, 5 times: Nước lũ đang lên. Bà con lên chỗ cao ngay."


def test_words_are_kept_as_one_writes_them_and_without_what_pasting_leaves(ready: Village) -> None:
    made = saved(ready, wordings=[wording(alert=Spoken(words="  Nu\u031bo\u031b\u0301c lên.\r\nChạy! "))])
    assert made.wordings[0].alert == Spoken(words="Nước lên.\nChạy!")


def test_a_recording_that_is_there_can_be_a_template_s_words(ready: Village) -> None:
    path = ready.desk.hand_in_recording(ready.an, ready.wav(), name="lũ.wav")
    assert saved(ready, wordings=[wording(alert=Recorded(path=path))]).wordings[0].alert == Recorded(
        path=path
    )


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "id": ({"id": "Lũ quét"}, "bad-id"),
    "title": ({"title": "\n"}, "empty"),
    "zones": ({"zones": []}, "no-zones"),
    "zone": ({"zones": ["thon-nao"]}, "unknown-zone"),
    "signal": ({"signal": "trumpet"}, "no-such-chime"),
    "recording": ({"wordings": [wording(alert=Recorded(path="recordings/x.mp3"))]}, "no-such-recording"),
    "words": ({"wordings": [wording(alert=Spoken(words="nước lên " * 400))]}, "alert-too-long"),
    "languages": ({"wordings": [wording(), wording()]}, "bad-template"),
    "nothing": ({"wordings": []}, "bad-template"),
    "a drill's severity": ({"severity": Severity.MINOR}, "bad-template"),
    "too loud": ({"volume": 6.0}, "bad-template"),
    "repeats": ({"repeats": 0}, "bad-repeats"),
    "gap": ({"gap": timedelta(hours=2)}, "bad-gap"),
    "lasts": ({"lasts": timedelta(days=9)}, "bad-template"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_saved_is_told_and_nothing_is_saved(ready: Village, name: str) -> None:
    wrong, code = WRONG[name]
    with pytest.raises(BadEntry) as told:
        saved(ready, **wrong)
    assert told.value.code == code
    assert set(ready.folder.alerts) == {"lu-lut", "vo-dap"}


def test_what_somebody_else_changed_meanwhile_is_not_written_over(ready: Village) -> None:
    seen = ready.folder.alert_mark(AlertId("lu-lut"))
    saved(ready, id="lu-lut", title="Lũ lớn", seen=seen)
    with pytest.raises(BadEntry) as told:
        saved(ready, id="lu-lut", title="Lũ nhỏ", seen=seen)
    assert told.value.code == "changed-since"
    assert ready.folder.alerts[AlertId("lu-lut")].title == "Lũ lớn"


def test_a_readiness_test_asks_every_unit_that_may_connect_about_every_template(village: Village) -> None:
    village.unit("thon-ben-1")
    village.unit("thon-ben-2")
    village.desk.forbid_unit(village.an, "thon-ben-2")
    test = village.desk.test_readiness(village.tuan, id="kt-1")
    assert (test.templates, test.units, test.sent) == (("lu-lut", "vo-dap"), ("thon-ben-1",), None)
    assert (test.by, test.at) == ("tuan", village.present)
    assert village.store.readiness.tests() == (test,)
    with pytest.raises(BadEntry) as told:
        village.desk.test_readiness(village.tuan, id="kc-1")
    assert told.value.code == "bad-id"
