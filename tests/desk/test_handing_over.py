"""A locked store or a full disk mutes no horn, and keeps nobody out."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.desk import BadEntry, Desk, NotAllowed, NotSent, WaitToSignIn
from broadcaster.desk.handedlines import lines_between
from broadcaster.desk.throttle import FROM_ONE_PLACE
from broadcaster.domain.alert import Alert, Message
from broadcaster.domain.people import Role
from broadcaster.link.messages import HandedOver
from broadcaster.link.wire import AskRefused, NoAnswer
from broadcaster.store import Store, StoreBusy, StoreFull, open_store
from tests.days.troubles import full_disk, locked_store
from tests.desk.village import Village, cheap_passwords


class Hub:
    """What a hub hears over the wire; it says no, or nothing, when it is told to."""

    def __init__(self, village: Village) -> None:
        self.heard: list[HandedOver] = []
        self.fault: Exception | None = None
        village.desk.hand_over = self.hear

    def hear(self, handed: HandedOver) -> None:
        if self.fault is not None:
            raise self.fault
        self.heard.append(handed)

    @property
    def alerts(self) -> list[Alert]:
        return [handed.alert for handed in self.heard if handed.alert is not None]


@pytest.fixture
def hub(village: Village) -> Hub:
    return Hub(village)


Trouble = Callable[[], AbstractContextManager[None]]


@pytest.fixture(params=["locked", "full"])
def trouble(request: pytest.FixtureRequest, tmp_path: Path) -> Trouble:
    return full_disk if request.param == "full" else lambda: locked_store(tmp_path)


def test_an_alert_that_the_store_does_not_take_is_given_to_the_hub(
    village: Village, hub: Hub, trouble: Trouble
) -> None:
    with trouble():
        done = village.desk.raise_alert(village.minh, id="kc-lu-1", template="lu-lut")
    assert done.handed_over
    assert hub.alerts == [done.alert]
    assert done.alert.fires_at == village.present + timedelta(seconds=5)
    assert village.store.alerts.find(done.alert.id) is None


def test_all_that_may_follow_finds_its_way_too(village: Village, hub: Hub, trouble: Trouble) -> None:
    desk, minh = village.desk, village.minh
    with trouble():
        desk.raise_alert(minh, id="kc-lu-1", template="lu-lut")
        assert desk.cancel_alert(minh, "kc-lu-1", 1).handed_over
        desk.raise_alert(minh, id="kc-lu-2", template="lu-lut")
        village.later(seconds=5)
        with pytest.raises(NotAllowed, match="on air already"):
            desk.cancel_alert(minh, "kc-lu-2", 1)
        desk.update_alert(minh, "kc-lu-2", based_on=1, words="Nước lên nhanh.")
        desk.all_clear(minh, "kc-lu-2", based_on=2)
        desk.stop_alert(minh, "kc-lu-2", based_on=3)
        desk.raise_alert(minh, id="kc-dap-1", template="vo-dap")
        assert desk.second_alert(village.an, "kc-dap-1").alert.seconded_by == "an"
        desk.raise_drill(minh, id="dt-lu-1", template="lu-lut")
    assert [(one.id, one.version, one.message, one.cancelled) for one in hub.alerts] == [
        ("kc-lu-1", 1, Message.ALERT, False),
        ("kc-lu-1", 1, Message.ALERT, True),
        ("kc-lu-2", 1, Message.ALERT, False),
        ("kc-lu-2", 2, Message.ALERT, False),
        ("kc-lu-2", 2, Message.ALERT, True),
        ("kc-lu-2", 3, Message.ALL_CLEAR, False),
        ("kc-lu-2", 4, Message.STOP, False),
        ("kc-dap-1", 1, Message.ALERT, False),
        ("kc-dap-1", 1, Message.ALERT, False),
        ("dt-lu-1", 1, Message.ALERT, False),
    ]


def test_what_the_hub_fired_from_memory_while_the_disk_is_full_is_corrected_and_not_taken_back(
    village: Village, hub: Hub, trouble: Trouble
) -> None:
    village.raised()
    village.later(seconds=5)
    with trouble():
        with pytest.raises(NotAllowed) as told:
            village.desk.cancel_alert(village.minh, "kc-lu-1", 1)
        assert told.value.code == "too-late"
        village.desk.correct_alert(village.minh, "kc-lu-1", based_on=1)
        village.desk.stop_alert(village.minh, "kc-lu-1", based_on=2)
    assert [(one.version, one.message) for one in hub.alerts] == [
        (2, Message.CORRECTION),
        (3, Message.STOP),
    ]


def test_a_double_tap_hands_over_once_and_is_told_the_same(
    village: Village, hub: Hub, trouble: Trouble
) -> None:
    with trouble():
        first = village.desk.raise_alert(village.minh, id="kc-lu-1", template="lu-lut")
        assert village.desk.raise_alert(village.minh, id="kc-lu-1", template="lu-lut") == first
    assert len(hub.heard) == 1
    assert village.desk.raise_alert(village.minh, id="kc-lu-1", template="lu-lut") == first
    village.store.alerts.put(first.alert)  # as the hub does when the store answers again
    again = village.desk.raise_alert(village.minh, id="kc-lu-1", template="lu-lut")
    assert again.alert == first.alert
    assert len(village.store.alerts.versions(first.alert.id)) == 1


def test_what_the_hub_has_written_meanwhile_counts_before_what_was_handed_over(
    village: Village, hub: Hub
) -> None:
    with full_disk():
        alert = village.desk.raise_alert(village.minh, id="kc-lu-1", template="lu-lut").alert
    village.store.alerts.put(alert)
    village.later(seconds=5)
    village.hub_sends(alert)
    assert village.desk.known("kc-lu-1") == (village.stored("kc-lu-1"),)
    stop = village.desk.stop_alert(village.an, "kc-lu-1", based_on=1)
    assert not stop.handed_over
    assert stop.alert.version == 2


def test_rights_and_entries_are_checked_all_the_same(village: Village, hub: Hub, trouble: Trouble) -> None:
    village.may_alert("ben", "thon-ben")
    with trouble():
        with pytest.raises(NotAllowed, match="may not do this"):
            village.desk.raise_alert(village.lan, id="kc-1", template="lu-lut")
        with pytest.raises(NotAllowed, match="may not alert Thôn Chợ"):
            village.desk.raise_alert(village.ben, id="kc-1", template="lu-lut")
        village.desk.raise_alert(village.minh, id="kc-1", template="lu-lut")
        with pytest.raises(BadEntry) as told:
            village.desk.raise_alert(village.an, id="kc-2", template="lu-lut")
        assert told.value.code == "already-raised"
    assert len(hub.heard) == 1


def test_what_neither_takes_is_told_and_can_be_tried_again(
    village: Village, hub: Hub, trouble: Trouble
) -> None:
    for fault, code in ((NoAnswer("the hub does not answer"), "not-sent"), (AskRefused("no"), "hub-refused")):
        hub.fault = fault
        with trouble(), pytest.raises(NotSent, match=str(fault)) as told:
            village.desk.raise_alert(village.minh, id="kc-lu-1", template="lu-lut")
        assert told.value.code == code
    assert village.desk.known("kc-lu-1") == ()
    assert village.desk.pay()
    assert [line for line in village.trail() if line.on == "kc-lu-1"] == []
    assert not village.desk.raise_alert(village.minh, id="kc-lu-1", template="lu-lut").handed_over


def test_without_a_way_to_the_hub_the_store_s_own_words_are_told(village: Village, tmp_path: Path) -> None:
    with full_disk(), pytest.raises(StoreFull):
        village.raised()
    with locked_store(tmp_path), pytest.raises(StoreBusy):
        village.raised()


def test_no_act_goes_without_its_line_though_the_line_comes_later(
    village: Village, hub: Hub, trouble: Trouble, caplog: pytest.LogCaptureFixture
) -> None:
    with trouble():
        village.desk.raise_alert(village.minh, id="kc-lu-1", template="lu-lut")
        village.desk.cancel_alert(village.an, "kc-lu-1", 1)
    assert "minh did raise-alert on kc-lu-1" in caplog.text
    village.desk.set_volume(village.an, village.unit().unit.id, -6)
    assert [(line.who, line.verb) for line in village.trail()[:3]] == [
        ("an", "cancel-alert"),
        ("minh", "raise-alert"),
        ("an", "set-volume"),
    ]
    assert village.trail()[1].after.endswith("; handed to the hub")
    count = len(village.trail())
    assert village.desk.pay()
    assert len(village.trail()) == count


def test_what_the_hub_writes_down_at_last_has_its_lines_once_whoever_comes_first(
    village: Village, hub: Hub
) -> None:
    desk, minh = village.desk, village.minh
    with full_disk():
        desk.raise_alert(minh, id="kc-dap-1", template="vo-dap")
        village.later(seconds=1)
        desk.second_alert(village.an, "kc-dap-1")
        village.later(seconds=5)
        desk.update_alert(minh, "kc-dap-1", based_on=1, words="Đập vỡ rồi.")
        village.later(seconds=1)
        desk.stop_alert(village.an, "kc-dap-1", based_on=2)
        village.later(seconds=1)
        desk.raise_drill(minh, id="dt-1", template="lu-lut")
        village.later(seconds=1)
        desk.cancel_alert(minh, "dt-1", 1)
    known = {(one.id, one.version): one for one in hub.alerts}
    lines = lines_between((None, alert) for alert in known.values())
    for line in lines:
        village.store.audit.add_once(line)
    assert desk.pay()
    found = sorted(
        (line.at, line.who, line.verb) for line in village.trail() if line.on in ("kc-dap-1", "dt-1")
    )
    assert [(who, verb) for _, who, verb in found] == [
        ("minh", "raise-alert"),
        ("an", "second-alert"),
        ("minh", "update-alert"),
        ("an", "stop-alert"),
        ("minh", "drill"),
        ("minh", "cancel-alert"),
    ]


def test_lines_that_are_owed_are_not_lost_by_an_act_that_fails(village: Village, hub: Hub) -> None:
    with full_disk():
        village.raised()
    with pytest.raises(BadEntry):
        village.desk.disable_person(village.an, "an")
    assert village.desk.pay()
    assert village.trail()[0].verb == "raise-alert"


def test_what_is_on_air_is_stopped_though_the_disk_is_full(
    village: Village, hub: Hub, trouble: Trouble
) -> None:
    with trouble():
        order = village.desk.stop(village.lan, zones=["thon-ben"], id="dung-lai")
        with pytest.raises(NotAllowed):
            village.desk.stop(village.ben, zones=["thon-cho"])
    (handed,) = hub.heard
    assert handed.stop is not None
    assert (handed.stop.id, handed.stop.to, handed.stop.cue) == ("dung-lai", order.to, None)
    assert (handed.stop.by, handed.stop.expires) == (order.by, order.expires)


def test_people_sign_in_though_the_store_takes_nothing(village: Village, trouble: Trouble) -> None:
    with trouble():
        assert village.desk.sign_in("lan", "lan12345678", source="phone") == village.lan
    village.desk.set_volume(village.an, village.unit().unit.id, -6)
    assert village.last_lines(1) == [("lan", "sign-in", "lan")]


def test_a_full_disk_is_no_open_door(village: Village, trouble: Trouble) -> None:
    village.desk.disable_person(village.an, "hoa")
    with trouble():
        with pytest.raises(NotAllowed) as told:
            village.desk.sign_in("hoa", "hoa12345678")
        assert told.value.code == "disabled"
        for _ in range(FROM_ONE_PLACE):
            with pytest.raises(NotAllowed, match="wrong"):
                village.desk.sign_in("lan", "guessed", source="stranger")
        with pytest.raises(WaitToSignIn):
            village.desk.sign_in("lan", "lan12345678", source="stranger")
        assert village.desk.sign_in("lan", "lan12345678", source="phone") == village.lan
    with pytest.raises(WaitToSignIn):
        village.desk.sign_in("lan", "lan12345678", source="stranger")


def desk_of(village: Village, folder: Path) -> Desk:
    """Another process at the same store."""
    return Desk(open_store(folder / "state"), village.folder, lambda: village.present, cheap_passwords())


def test_two_officials_who_raise_the_same_in_the_same_moment_raise_one(
    village: Village, tmp_path: Path
) -> None:
    bao = village.person("bao", Role.APPROVER)
    desks = (village.desk, desk_of(village, tmp_path))
    together = threading.Barrier(2)
    told: list[str] = []

    def raising(desk: Desk, number: int) -> None:
        together.wait()
        try:
            desk.raise_alert((village.minh, bao)[number], id=f"kc-lu-{number}", template="lu-lut")
            told.append("raised")
        except BadEntry as fault:
            told.append(fault.code)

    officials = [threading.Thread(target=raising, args=(desk, n)) for n, desk in enumerate(desks)]
    for official in officials:
        official.start()
    for official in officials:
        official.join()
    desks[1].store.close()
    assert sorted(told) == ["already-raised", "raised"]


def firing(
    village: Village, store: Store, alert: Alert, together: threading.Barrier, fired: list[bool]
) -> None:
    together.wait()
    fired.append(store.alerts.fire(alert.id, 1, village.present))


def test_between_a_cancel_and_the_hub_exactly_one_wins(village: Village, tmp_path: Path) -> None:
    other = open_store(tmp_path / "state")
    for number in range(20):
        alert = village.desk.raise_alert(village.minh, id=f"kc-{number}", words="Lũ về.", zones=["all"]).alert
        together = threading.Barrier(2)
        fired: list[bool] = []
        hub = threading.Thread(target=firing, args=(village, other, alert, together, fired))
        hub.start()
        together.wait()
        try:
            village.desk.cancel_alert(village.minh, alert.id, 1)
            cancelled = True
        except NotAllowed:
            cancelled = False
        hub.join()
        assert [cancelled] != fired
        stored = village.stored(alert.id)
        assert (stored.cancelled, stored.fired is not None) == (cancelled, not cancelled)
    other.close()
