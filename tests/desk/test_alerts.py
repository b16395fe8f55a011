"""Raising an alert, practising one, saying it anew, taking it back in time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from broadcaster.desk import AlreadyRaised, BadEntry, ChangedMeanwhile, NotAllowed, NotFound
from broadcaster.domain.alert import DRILL, LONGEST, Message, Severity, Status
from tests.desk.village import NOON, Village

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def test_a_template_is_raised_as_it_says_five_seconds_from_now(village: Village) -> None:
    done = village.desk.raise_alert(village.minh, id="kc-lu-1", template="lu-lut")
    assert not done.handed_over
    assert village.stored("kc-lu-1") == done.alert
    assert (done.alert.status, done.alert.message, done.alert.version) == (Status.ACTUAL, Message.ALERT, 1)
    assert (done.alert.title, done.alert.severity) == ("Lũ, ngập lụt", Severity.EXTREME)
    assert done.alert.zones == ("thon-ben", "thon-cho")
    assert done.alert.fires_at == NOON + timedelta(seconds=5)
    assert done.alert.expires == NOON + 2 * HOUR
    assert (done.alert.repeats, done.alert.gap) == (3, timedelta(seconds=10))
    assert village.store.alerts.waiting(NOON) == (done.alert,)


def test_typed_words_are_an_alert_of_their_own_called_by_how_they_begin(village: Village) -> None:
    alert = village.desk.raise_alert(
        village.minh, id="kc-cay-do", words="  Cây đổ chắn đường ở cầu Bến.\r\nTránh xa. ", zones=["thon-ben"]
    ).alert
    assert alert.words == "Cây đổ chắn đường ở cầu Bến.\nTránh xa."
    assert alert.title == "Cây đổ chắn đường ở cầu Bến. Tránh xa."
    assert (alert.template, alert.severity) == (None, Severity.SEVERE)


def test_words_beside_a_template_are_said_with_its_signal_and_settings(village: Village) -> None:
    alert = village.desk.raise_alert(
        village.minh, id="kc-lu-1", template="lu-lut", words="Đập Khe Vẽ sắp tràn.", repeats=5
    ).alert
    assert (alert.template, alert.words) == ("lu-lut", "Đập Khe Vẽ sắp tràn.")
    assert (alert.severity, alert.repeats, alert.zones) == (Severity.EXTREME, 5, ("thon-ben", "thon-cho"))


def test_a_recording_that_was_handed_in_is_an_alert(village: Village) -> None:
    path = village.desk.hand_in_recording(village.minh, village.wav(), name="nước lên.wav")
    alert = village.desk.raise_alert(village.minh, id="kc-1", recording=path, zones=["all"]).alert
    assert alert.recording == path
    assert alert.words is None
    assert alert.title.startswith("nuoc-len")


def test_what_is_repeated_is_in_force_a_little_longer_than_that(village: Village) -> None:
    until = NOON + 8 * HOUR
    alert = village.desk.raise_alert(
        village.minh, id="kc-lu-1", template="lu-lut", every=10 * MINUTE, until=until
    ).alert
    assert (alert.every, alert.until) == (10 * MINUTE, until)
    assert alert.expires == until + 5 * MINUTE


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({"template": None}, "nothing-to-say"),
    "both": ({"words": "Lũ.", "recording": "recordings/x.opus"}, "words-or-recording"),
    "no such template": ({"template": "dong-dat"}, "unknown-template"),
    "no template's name": ({"template": "../../etc/passwd"}, "unknown-template"),
    "empty": ({"words": " \n"}, "empty"),
    "signs only": ({"words": "?!"}, "empty"),
    "too long": ({"words": "nước lên " * 200}, "alert-too-long"),
    "a bell": ({"words": "Lũ\a về"}, "control-characters"),
    "half a letter": ({"words": "Lũ \ud800"}, "control-characters"),
    "no recording": ({"recording": "recordings/gone.opus"}, "no-such-recording"),
    "a way out": ({"recording": "../station.toml"}, "no-such-recording"),
    "no zones": ({"zones": []}, "no-zones"),
    "unknown zone": ({"zones": ["thon-nao"]}, "unknown-zone"),
    "typed for nowhere": ({"template": None, "words": "Lũ về."}, "no-zones"),
    "in no language": ({"words": "Lũ về.", "language": "tiếng Việt"}, "bad-language"),
    "in a language without end": ({"words": "Lũ về.", "language": "x" * 10_000}, "bad-language"),
    "no time at all": ({"repeats": 0}, "bad-repeats"),
    "for ever": ({"repeats": 21}, "bad-repeats"),
    "backwards": ({"gap": timedelta(seconds=-1)}, "bad-gap"),
    "a long pause": ({"gap": HOUR + MINUTE}, "bad-gap"),
    "every without end": ({"every": 10 * MINUTE}, "every-and-until"),
    "end without every": ({"until": NOON + HOUR}, "every-and-until"),
    "too close": ({"every": timedelta(seconds=59), "until": NOON + HOUR}, "bad-every"),
    "over": ({"every": 10 * MINUTE, "until": NOON}, "bad-until"),
    "next year": ({"every": HOUR, "until": NOON + timedelta(days=365)}, "bad-until"),
    "all day long": ({"every": MINUTE, "until": NOON + timedelta(days=1)}, "too-often"),
    "over before it is said": ({"expires": NOON + timedelta(seconds=59)}, "bad-expires"),
    "over before its repeats": (
        {"every": 10 * MINUTE, "until": NOON + 2 * HOUR, "expires": NOON + HOUR},
        "bad-expires",
    ),
    "for weeks": ({"expires": NOON + LONGEST + MINUTE}, "bad-expires"),
    "a drill's id": ({"id": "dt-lu-1"}, "bad-id"),
    "no id": ({"id": "KC lũ"}, "bad-id"),
    "no title": ({"title": " "}, "empty"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_raised_is_told_and_nothing_is_raised(village: Village, name: str) -> None:
    wrong, code = WRONG[name]
    before = village.trail()
    with pytest.raises(BadEntry) as told:
        village.desk.raise_alert(village.minh, **({"id": "kc-lu-1", "template": "lu-lut"} | wrong))
    assert told.value.code == code
    assert village.store.alerts.recent(NOON - HOUR) == ()
    assert village.trail() == before


def test_a_double_tap_or_a_retry_is_one_alert_though_it_has_changed_since(village: Village) -> None:
    first = village.raised()
    assert village.raised() == first
    village.later(seconds=5)
    village.hub_sends(first)
    assert village.raised() == village.stored("kc-lu-1")
    village.desk.stop_alert(village.minh, "kc-lu-1", based_on=1)
    assert village.raised().version == 1
    assert len(village.store.alerts.versions(first.id)) == 2


def test_an_id_that_is_another_alerts_is_refused(village: Village) -> None:
    village.raised()
    for by, settings in (
        (village.an, {}),
        (village.minh, {"zones": ["all"]}),
        (village.minh, {"words": "A"}),
    ):
        with pytest.raises(BadEntry) as told:
            village.desk.raise_alert(by, id="kc-lu-1", template="lu-lut", **settings)
        assert told.value.code == "id-taken"


def test_two_officials_who_raise_the_same_at_once_raise_one(village: Village) -> None:
    first = village.raised(village.minh)
    with pytest.raises(AlreadyRaised, match="raised by minh a moment ago") as told:
        village.raised(village.an, "kc-lu-2")
    assert told.value.code == "already-raised"
    assert told.value.alert == first
    assert "kc-lu-1" in told.value.expected
    assert village.desk.raise_alert(village.an, id="kc-lu-2", template="lu-lut", anyway=True).alert.id


def test_the_same_danger_elsewhere_or_later_or_taken_back_is_another_alert(village: Village) -> None:
    first = village.desk.raise_alert(village.minh, id="kc-1", template="lu-lut", zones=["thon-ben"]).alert
    village.desk.raise_alert(village.an, id="kc-2", template="lu-lut", zones=["thon-cho"])
    with pytest.raises(AlreadyRaised):
        village.desk.raise_alert(village.an, id="kc-3", template="lu-lut", zones=["xom-tren"])
    village.desk.cancel_alert(village.minh, first.id, 1)
    village.desk.raise_alert(village.an, id="kc-3", template="lu-lut", zones=["xom-tren"])
    village.later(minutes=10)
    village.desk.raise_alert(village.minh, id="kc-4", template="lu-lut")


def test_a_drill_stands_in_the_way_of_no_alert(village: Village) -> None:
    village.desk.raise_drill(village.an, id="dt-lu-1", template="lu-lut")
    assert village.raised().status is Status.ACTUAL


def test_a_drill_is_of_the_least_severity_and_has_a_door_of_its_own(village: Village) -> None:
    drill = village.desk.raise_drill(village.minh, id="dt-lu-1", template="lu-lut").alert
    assert (drill.status, drill.severity, drill.repeats) == (Status.EXERCISE, DRILL, 1)
    assert drill.fires_at == NOON + timedelta(seconds=5)
    with pytest.raises(BadEntry) as told:
        village.desk.raise_drill(village.minh, id="kc-lu-1", template="lu-lut")
    assert told.value.code == "bad-id"
    with pytest.raises(BadEntry) as told:
        village.desk.raise_alert(village.minh, id="dt-lu-1", template="lu-lut")
    assert told.value.code == "bad-id"


def test_a_drill_never_becomes_an_alert_that_is_meant_nor_is_it_corrected(village: Village) -> None:
    drill = village.desk.raise_drill(village.minh, id="dt-lu-1", template="lu-lut").alert
    village.later(seconds=5)
    village.hub_sends(drill)
    acts: tuple[Callable[[], object], ...] = (
        lambda: village.desk.update_alert(village.minh, "dt-lu-1", based_on=1, words="Chạy ngay!"),
        lambda: village.desk.correct_alert(village.minh, "dt-lu-1", based_on=1),
        lambda: village.desk.all_clear(village.minh, "dt-lu-1", based_on=1),
    )
    for act in acts:
        with pytest.raises(BadEntry) as told:
            act()
        assert told.value.code == "only-a-drill"
    assert village.desk.again(village.minh, "dt-lu-1", based_on=1).alert.status is Status.EXERCISE
    stopped = village.desk.stop_alert(village.minh, "dt-lu-1", based_on=2).alert
    assert (stopped.status, stopped.severity) == (Status.EXERCISE, DRILL)


def test_a_drill_needs_no_second_person(village: Village) -> None:
    assert village.desk.raise_drill(village.minh, id="dt-1", template="vo-dap").alert.fires_at is not None


def test_where_a_second_person_is_needed_nothing_counts_down_until_another_says_yes(village: Village) -> None:
    alert = village.raised(id="kc-dap-1", template="vo-dap")
    assert alert.fires_at is None
    village.later(minutes=3)
    with pytest.raises(NotAllowed, match="somebody else has to say yes") as told:
        village.desk.second_alert(village.minh, "kc-dap-1")
    assert told.value.code == "same-person"
    said = village.desk.second_alert(village.an, "kc-dap-1").alert
    assert (said.seconded_by, said.fires_at) == ("an", village.present + timedelta(seconds=5))
    assert village.desk.second_alert(village.an, "kc-dap-1").alert == said
    assert village.stored("kc-dap-1") == said


def test_nobody_says_yes_to_what_was_taken_back_or_is_over(village: Village) -> None:
    village.raised(id="kc-dap-1", template="vo-dap")
    village.desk.cancel_alert(village.minh, "kc-dap-1", 1)
    village.raised(id="kc-dap-2", template="vo-dap")
    village.later(hours=2)
    for id in ("kc-dap-1", "kc-dap-2"):
        with pytest.raises(NotAllowed) as told:
            village.desk.second_alert(village.an, id)
        assert told.value.code == "too-late"


def test_one_tap_takes_it_back_until_the_hub_has_fired_it(village: Village) -> None:
    alert = village.raised()
    village.later(seconds=4.9)
    back = village.desk.cancel_alert(village.an, alert.id, 1).alert
    assert (back.cancelled_by, back.cancelled_at) == ("an", village.present)
    assert not village.store.alerts.fire(alert.id, 1, village.present)
    on_air = village.on_air(id="kc-lu-2")
    with pytest.raises(NotAllowed, match="on air already: stop it") as told:
        village.desk.cancel_alert(village.minh, on_air.id, 1)
    assert told.value.code == "too-late"


def test_other_words_replace_what_sounds_in_the_same_zones(village: Village) -> None:
    first = village.on_air()
    village.later(minutes=5)
    second = village.desk.update_alert(village.an, first.id, based_on=1, words="Nước lên nhanh hơn.").alert
    assert (second.version, second.message, second.words) == (2, Message.ALERT, "Nước lên nhanh hơn.")
    assert (second.zones, second.template, second.severity) == (first.zones, "lu-lut", Severity.EXTREME)
    assert second.fires_at == village.present + timedelta(seconds=5)
    assert (second.fired, second.sent, second.start) == (None, None, None)
    assert second.expires == village.present + 2 * HOUR
    assert village.stored(first.id, 1) == first


def test_an_update_can_only_change_how_often_it_is_said(village: Village) -> None:
    first = village.on_air()
    until = NOON + 6 * HOUR
    second = village.desk.update_alert(
        village.minh, first.id, based_on=1, every=10 * MINUTE, until=until
    ).alert
    assert (second.template, second.every, second.until) == ("lu-lut", 10 * MINUTE, until)
    third = village.desk.update_alert(village.minh, first.id, based_on=2, words="Nước đang lên.").alert
    assert (third.every, third.until) == (10 * MINUTE, until)


def test_an_update_that_changes_nothing_is_told(village: Village) -> None:
    village.on_air()
    with pytest.raises(BadEntry) as told:
        village.desk.update_alert(village.minh, "kc-lu-1", based_on=1, template="lu-lut")
    assert told.value.code == "nothing-new"


def test_an_update_of_what_needs_a_second_person_needs_one_again(village: Village) -> None:
    village.raised(id="kc-dap-1", template="vo-dap")
    seconded = village.desk.second_alert(village.an, "kc-dap-1").alert
    village.later(seconds=5)
    village.hub_sends(seconded)
    second = village.desk.update_alert(village.minh, "kc-dap-1", based_on=1, words="Đập vỡ rồi.").alert
    assert (second.fires_at, second.seconded_by) == (None, None)


def test_two_officials_who_update_at_once_are_not_told_each_others_words_are_theirs(village: Village) -> None:
    village.on_air()
    village.desk.update_alert(village.minh, "kc-lu-1", based_on=1, words="Nước lên nhanh.")
    again = village.desk.update_alert(village.minh, "kc-lu-1", based_on=1, words="Nước lên nhanh.").alert
    assert again.version == 2
    with pytest.raises(ChangedMeanwhile) as told:
        village.desk.update_alert(village.an, "kc-lu-1", based_on=1, words="Nước đang rút.")
    assert told.value.alert == again
    assert told.value.code == "changed-meanwhile"


def test_who_still_waits_of_an_older_version_is_taken_back_by_a_newer_one(village: Village) -> None:
    village.on_air()
    village.desk.update_alert(village.minh, "kc-lu-1", based_on=1, words="Nước lên nhanh.")
    village.desk.update_alert(village.minh, "kc-lu-1", based_on=2, words="Nước lên rất nhanh.")
    assert [one.version for one in village.store.alerts.waiting(village.present)] == [3]
    assert village.stored("kc-lu-1", 2).cancelled_by == "minh"


def test_it_is_said_again_for_the_units_that_missed_it(village: Village) -> None:
    near, far = village.unit(), village.unit("thon-cho-1", "thon-cho")
    village.on_air()
    again = village.desk.again(village.minh, "kc-lu-1", based_on=1, units=[far.unit.id]).alert
    assert (again.version, again.units, again.message) == (2, (far.unit.id,), Message.ALERT)
    assert again.fires_at == village.present + timedelta(seconds=5)
    twice = village.desk.again(village.minh, "kc-lu-1", based_on=1, units=[far.unit.id]).alert
    assert twice == again
    with pytest.raises(ChangedMeanwhile):
        village.desk.again(village.minh, "kc-lu-1", based_on=1, units=[near.unit.id])


@pytest.mark.parametrize("unit", ["thon-nao-9", "xa-1", "forbidden-1"])
def test_it_is_said_again_only_where_it_is_meant_to_be_heard(village: Village, unit: str) -> None:
    village.unit("xa-1", "xa")
    village.unit("forbidden-1")
    village.desk.forbid_unit(village.an, "forbidden-1")
    village.on_air()
    with pytest.raises(BadEntry) as told:
        village.desk.again(village.minh, "kc-lu-1", based_on=1, units=[unit])
    assert told.value.code == "unknown-unit"


def test_what_was_stopped_can_be_said_again(village: Village) -> None:
    village.on_air()
    village.desk.stop_alert(village.minh, "kc-lu-1", based_on=1)
    again = village.desk.again(village.minh, "kc-lu-1", based_on=2).alert
    assert (again.version, again.message, again.template) == (3, Message.ALERT, "lu-lut")


def test_what_was_never_heard_or_is_over_is_raised_anew_and_not_said_again(village: Village) -> None:
    village.raised()
    with pytest.raises(BadEntry) as told:
        village.desk.again(village.minh, "kc-lu-1", based_on=1)
    assert told.value.code == "over"
    village.later(hours=3)
    heard = village.on_air(id="kc-lu-3")
    village.later(hours=2)
    acts: tuple[Callable[[], object], ...] = (
        lambda: village.desk.again(village.minh, heard.id, based_on=1),
        lambda: village.desk.update_alert(village.minh, heard.id, based_on=1, words="Nước lên."),
    )
    for act in acts:
        with pytest.raises(BadEntry) as told:
            act()
        assert told.value.code == "over"


@pytest.mark.parametrize("id", ["kc-nao", "Không", ""])
def test_an_alert_that_is_not_there_is_told(village: Village, id: str) -> None:
    desk, minh = village.desk, village.minh
    acts: tuple[Callable[[], object], ...] = (
        lambda: desk.cancel_alert(minh, id, 1),
        lambda: desk.second_alert(minh, id),
        lambda: desk.stop_alert(minh, id, based_on=1),
        lambda: desk.correct_alert(minh, id, based_on=1),
        lambda: desk.all_clear(minh, id, based_on=1),
        lambda: desk.update_alert(minh, id, based_on=1, words="Lũ"),
        lambda: desk.again(minh, id, based_on=1),
    )
    for act in acts:
        with pytest.raises(NotFound) as told:
            act()
        assert told.value.code == "no-such-alert"


def test_a_version_nobody_knows_is_not_taken_for_another(village: Village) -> None:
    village.raised()
    with pytest.raises(ChangedMeanwhile):
        village.desk.cancel_alert(village.minh, "kc-lu-1", 2)


def test_the_trail_tells_what_was_said_and_where(village: Village) -> None:
    village.desk.raise_alert(village.minh, id="kc-1", words="Cháy chợ.", zones=["thon-cho"])
    (line,) = [line for line in village.trail() if line.on == "kc-1"]
    assert (line.who, line.verb) == ("minh", "raise-alert")
    assert line.after == "version 1, alert in thon-cho, on air at 05:00:05Z; Cháy chợ.: Cháy chợ."
