"""An alert that did not leave the phone is told as not sent, and never sounds later by itself."""

from collections.abc import Callable

from tests.browser.conftest import Served, Tapper
from tests.web.commune import Commune

Seat = Callable[..., Tapper]


def alerts(commune: Commune) -> int:
    return len(commune.station.store.alerts.recent(commune.present.replace(hour=0)))


def test_without_a_network_it_says_so_at_once_and_offers_calls_and_the_words(
    sit: Seat, served: Served
) -> None:
    person = sit()
    person.go("/khan-cap/lu")
    person.page.context.set_offline(True)
    person.tap("Phát ngay toàn xã")
    person.sees("Điện thoại đang mất mạng. Lệnh chưa gửi đi, loa chưa kêu.", within=2)
    calls = person.page.locator("a[href^='tel:']:visible")
    numbers = [call.get_attribute("href") for call in calls.all()]
    assert numbers[:2] == ["tel:0900000001", "tel:0900000002"]
    assert {"tel:112", "tel:113", "tel:114", "tel:115"} <= set(numbers)
    person.sees("Bà con chú ý! Nước sông đang lên nhanh.")
    assert not person.shows("5 giây để huỷ")


def test_when_the_link_is_back_it_asks_and_sends_nothing_by_itself(sit: Seat, served: Served) -> None:
    person = sit()
    person.go("/khan-cap/lu")
    person.page.context.set_offline(True)
    person.tap("Phát ngay toàn xã")
    person.sees("Chưa phát được")
    sent: list[str] = []
    person.page.on("request", lambda made: sent.append(made.method))
    person.page.context.set_offline(False)
    person.sees("Đã có mạng lại. Vẫn phát chứ?")
    person.page.wait_for_timeout(3000)
    assert "POST" not in sent
    assert alerts(served.commune) == 0
    person.tap("Phát ngay toàn xã")
    person.sees("Loa sẽ phát sau")
    assert alerts(served.commune) == 1


def test_what_did_arrive_though_its_answer_was_lost_is_found_again_and_not_sent_twice(
    sit: Seat, served: Served
) -> None:
    person = sit()
    person.go("/khan-cap/lu")

    def lose_the_answer(route: object) -> None:
        route.fetch()  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    person.page.route("**/khan-cap/phat", lose_the_answer)
    person.tap("Phát ngay toàn xã")
    person.sees("Máy chủ không trả lời")
    person.sees("Loa sẽ phát sau")
    assert alerts(served.commune) == 1


def test_a_tap_the_network_held_back_too_long_is_refused(sit: Seat, served: Served) -> None:
    person = sit()
    person.go("/khan-cap/lu")
    body: list[str] = []

    def hold_back(route: object) -> None:
        body.append(route.request.post_data)  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    person.page.route("**/khan-cap/phat", hold_back)
    person.tap("Phát ngay toàn xã")
    person.sees("Chưa phát được")
    held = dict(field.split('"\r\n\r\n') for field in _fields(body[0]))
    assert alerts(served.commune) == 0
    a_minute_before = str(int(held["opened"]) - 60_000)
    late: dict[str, str | float | bool] = {**held, "opened": a_minute_before}
    token = person.page.locator("meta[name=csrf]").get_attribute("content") or ""
    answer = person.page.context.request.post(
        f"{served.url}/khan-cap/phat",
        form=late,
        headers={"X-CSRFToken": token, "Accept": "application/json", "Referer": served.url},
    )
    assert (answer.status, answer.json()["code"]) == (400, "too-late")
    assert alerts(served.commune) == 0


def _fields(body: str) -> list[str]:
    parts = body.split('Content-Disposition: form-data; name="')[1:]
    return [part.split("\r\n------")[0] for part in parts]


def test_three_losses_are_told_apart(sit: Seat, served: Served) -> None:
    served.hub.deaf = {"thon-dinh-3"}
    person = sit()
    person.go("/khan-cap/lu")
    person.tap("Phát ngay toàn xã")
    person.sees("ĐANG PHÁT THẬT")
    person.sees("Mất kết nối")  # the unit
    person.page.context.set_offline(True)
    person.sees("Điện thoại đang mất mạng. Loa vẫn làm theo lệnh đã gửi.")
    person.page.context.set_offline(False)
    person.page.wait_for_timeout(1500)
    assert not person.shows("Điện thoại đang mất mạng")
    person.page.route("**/bay-gio", lambda route: route.abort())
    person.sees("Máy chủ không trả lời. Loa vẫn làm theo lệnh đã gửi.")


def test_a_hub_that_is_not_there_is_told_though_the_server_took_the_alert(sit: Seat, served: Served) -> None:
    served.hub.working = False
    person = sit()
    person.go("/khan-cap/lu")
    person.tap("Phát ngay toàn xã")
    person.sees("Loa sẽ phát sau")
    person.sees("Trung tâm chưa trả lời.")
    served.hub.working = True
    person.sees("ĐANG PHÁT THẬT")


def test_a_cancel_that_did_not_leave_the_phone_is_told(sit: Seat, served: Served) -> None:
    person = sit()
    person.go("/khan-cap/lu")
    person.tap("Phát ngay toàn xã")
    person.sees("Loa sẽ phát sau")
    person.page.context.set_offline(True)
    person.tap("Huỷ, không phát")
    person.sees("Việc vừa bấm chưa gửi đi")
