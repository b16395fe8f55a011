"""/api: alerts for programs, as a person with their own login and rights; never by a cookie."""

from base64 import b64encode
from typing import Any

import pytest
from werkzeug.test import TestResponse

from broadcaster.domain.alert import Message, Status
from broadcaster.domain.people import Role
from tests.web.commune import Commune
from tests.web.test_alerts import known, on_air

FLOOD = {"id": "kc-1", "template": "lu", "zones": ["all"]}


def call(
    commune: Commune, path: str, body: Any = None, role: Role = Role.APPROVER, **more: Any
) -> TestResponse:
    """One request, as a program makes it."""
    name = more.pop("name", role.value)
    password = more.pop("password", f"{role.value}12345678")
    given = b64encode(f"{name}:{password}".encode()).decode()
    browser = commune.app.test_client(use_cookies=False)
    method = "GET" if body is None else "POST"
    return browser.open(
        path, method=method, json=body, headers={"Authorization": f"Basic {given}"}, buffered=True
    )


def told(answer: TestResponse) -> dict[str, Any]:
    assert answer.json is not None
    found: dict[str, Any] = answer.json
    return found


def test_a_program_raises_an_alert_and_reads_what_became_of_it(commune: Commune) -> None:
    commune.three_units()
    commune.beats("xa-1")
    answer = call(commune, "/api/alerts", FLOOD)
    assert answer.status_code == 201
    assert told(answer)["state"] == "counting-down"
    assert told(answer)["fires_at"] == "2026-11-21T10:20:05Z"
    on_air(commune, "kc-1")
    report = told(call(commune, "/api/alerts/kc-1"))
    assert report["state"] == "sending"
    assert report["counts"] == {"units": 3, "received": 0, "sounded": 0, "done": 0, "missing": 3}
    states = {unit["unit"]: unit["state"] for unit in report["units"]}
    assert states == {"xa-1": "waiting", "thon-ben-1": "offline", "thon-dinh-1": "offline"}
    assert [alert["id"] for alert in told(call(commune, "/api/alerts"))["alerts"]] == ["kc-1"]


def test_the_same_call_again_is_the_same_alert(commune: Commune) -> None:
    assert call(commune, "/api/alerts", FLOOD).status_code == 201
    again = call(commune, "/api/alerts", FLOOD)
    assert (again.status_code, told(again)["version"]) == (201, 1)


@pytest.mark.parametrize(
    ("verb", "message"),
    [("stop", Message.STOP), ("correct", Message.CORRECTION), ("all-clear", Message.ALL_CLEAR)],
)
def test_a_program_ends_what_it_raised(commune: Commune, verb: str, message: Message) -> None:
    call(commune, "/api/alerts", FLOOD)
    on_air(commune, "kc-1")
    answer = call(commune, f"/api/alerts/kc-1/{verb}", {"version": 1})
    assert (answer.status_code, told(answer)["message"]) == (200, message.value)


def test_a_program_takes_back_and_says_anew(commune: Commune) -> None:
    commune.three_units()
    call(commune, "/api/alerts", FLOOD)
    on_air(commune, "kc-1")
    fresh = call(commune, "/api/alerts/kc-1/update", {"version": 1, "words": "Nước tràn đê. Lên đồi ngay."})
    assert (fresh.status_code, told(fresh)["version"]) == (200, 2)
    back = call(commune, "/api/alerts/kc-1/cancel", {"version": 2})
    assert (back.status_code, told(back)["version"], told(back)["state"]) == (200, 1, "sending")


def test_a_program_that_tries_again_says_which_version_it_saw_so_that_nothing_is_said_twice(
    commune: Commune,
) -> None:
    commune.three_units()
    call(commune, "/api/alerts", FLOOD)
    on_air(commune, "kc-1")
    for act, body in (("again", {"units": ["thon-ben-1"]}), ("update", {"words": "Lên đồi ngay."})):
        refused = call(commune, f"/api/alerts/kc-1/{act}", body)
        assert (refused.status_code, told(refused)["code"]) == (400, "bad-field")
    twice = [call(commune, "/api/alerts/kc-1/again", {"units": ["thon-ben-1"], "version": 1}) for _ in "12"]
    assert [told(answer)["version"] for answer in twice] == [2, 2]


def test_what_is_refused_has_a_code_and_a_sentence(commune: Commune) -> None:
    wrong: list[tuple[Any, int, str]] = [
        ({**FLOOD, "id": "dt-1"}, 400, "bad-id"),
        ({**FLOOD, "template": "khong-co"}, 400, "unknown-template"),
        ({**FLOOD, "zones": ["nowhere"]}, 400, "unknown-zone"),
        ({**FLOOD, "zones": "all"}, 400, "bad-field"),
        ({**FLOOD, "repeats": "3"}, 400, "bad-field"),
        ({**FLOOD, "every": 600, "until": "18:00"}, 400, "bad-field"),
        ({**FLOOD, "repeats": 99}, 400, "bad-repeats"),
        ({"id": "kc-1"}, 400, "nothing-to-say"),
        ([1], 400, "not-json"),
    ]
    for body, status, code in wrong:
        answer = call(commune, "/api/alerts", body)
        assert (answer.status_code, told(answer)["code"]) == (status, code), body
        assert told(answer)["sentence"]
    assert commune.station.store.alerts.recent(commune.present.replace(hour=0)) == ()


LATER = {"every": 600, "until": "2026-11-21T18:40:00+07:00"}


def test_a_time_may_be_written_with_the_offset_of_the_village(commune: Commune) -> None:
    until = {**FLOOD, "every": 600, "until": "2026-11-21T18:30:00+07:00"}
    assert call(commune, "/api/alerts", until).status_code == 201
    other = {"id": "kc-2", "words": "Chạy lên đồi.", "zones": ["all"], "expires": "2026-11-21T18:30:00+07:00"}
    assert told(call(commune, "/api/alerts", other))["expires"] == "2026-11-21T11:30:00Z"
    again = call(commune, "/api/alerts/kc-2/update", {**LATER, "version": 1})
    assert again.status_code == 200


@pytest.mark.parametrize("until", ["0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-12:00"])
def test_a_time_beyond_all_calendars_is_refused(commune: Commune, until: str) -> None:
    answer = call(commune, "/api/alerts", {**FLOOD, "every": 600, "until": until})
    assert (answer.status_code, told(answer)["code"]) == (400, "bad-field")


def test_json_that_is_nested_without_end_is_refused(commune: Commune) -> None:
    given = b64encode(b"approver:approver12345678").decode()
    browser = commune.app.test_client(use_cookies=False)
    nested = b'{"a":' * 20_000
    answer = browser.post("/api/alerts", data=nested, headers={"Authorization": f"Basic {given}"})
    assert (answer.status_code, told(answer)["code"]) == (400, "not-json")


def test_who_may_not_is_refused(commune: Commune) -> None:
    answer = call(commune, "/api/alerts", FLOOD, role=Role.EDITOR)
    assert answer.status_code == 403
    assert known(commune, "kc-1") is None


def test_a_wrong_password_waits_as_at_the_door(commune: Commune) -> None:
    first = call(commune, "/api/alerts", FLOOD, password="khong-phai")
    assert (first.status_code, told(first)["code"]) == (401, "wrong-password")
    assert first.headers["WWW-Authenticate"].startswith("Basic ")
    answers = [call(commune, "/api/alerts", password="khong-phai").status_code for _ in range(12)]
    assert answers[-1] == 429
    assert call(commune, "/api/alerts", FLOOD).status_code == 429, "also for who knows it now"


def test_a_cookie_opens_nothing_there(commune: Commune) -> None:
    visitor = commune.at_desk(Role.APPROVER)
    answer = visitor.browser.post("/api/alerts", json=FLOOD)
    assert (answer.status_code, told(answer)["code"]) == (401, "unauthorized")
    assert known(commune, "kc-1") is None


def test_drills_have_addresses_of_their_own_here_too(commune: Commune) -> None:
    answer = call(commune, "/api/drills", {"id": "dt-1", "template": "lu"})
    assert (answer.status_code, told(answer)["kind"]) == (201, "drill")
    drill = known(commune, "dt-1")
    assert drill is not None
    assert drill.status is Status.EXERCISE
    assert call(commune, "/api/alerts/dt-1").status_code == 404
    assert call(commune, "/api/alerts/dt-1/stop", {}).status_code == 404
    assert told(call(commune, "/api/drills", {**FLOOD, "id": "kc-2"}))["code"] == "bad-id"
    assert told(call(commune, "/api/alerts", {**FLOOD, "id": "dt-2"}))["code"] == "bad-id"
    call(commune, "/api/alerts", FLOOD)
    assert call(commune, "/api/drills/kc-1").status_code == 404
    assert call(commune, "/api/drills/kc-1/cancel", {}).status_code == 404
    assert call(commune, "/api/drills/dt-1/correct", {}).status_code == 404
    assert told(call(commune, "/api/drills/dt-1/cancel", {}))["state"] == "cancelled"


def test_an_address_that_is_not_there_is_told_as_json(commune: Commune) -> None:
    answer = call(commune, "/api/alerts/kc-9")
    assert (answer.status_code, told(answer)["code"]) == (404, "no-such-alert")
    assert told(call(commune, "/api/khong-co"))["code"] == "http-404"
