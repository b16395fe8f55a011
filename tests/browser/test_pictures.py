"""What the emergency pages look like: pictures to look at, on a phone, at a desk, and in the dark."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import DESK, PHONE, Served, Tapper

SCREENS: dict[str, tuple[dict[str, int], dict[str, Any]]] = {
    "dien-thoai": (PHONE, {}),
    "ban": (DESK, {}),
    "toi": (PHONE, {"color_scheme": "dark"}),
}


@pytest.mark.parametrize("name", SCREENS)
def test_every_page_of_an_alert_can_be_looked_at(
    sit: Callable[..., Tapper], served: Served, name: str
) -> None:
    screen, more = SCREENS[name]
    served.hub.deaf, served.hub.slow = {"thon-dinh-3"}, {"xa-3"}
    person = sit(screen=screen, **more)
    for path, picture in (
        ("/", "1-hom-nay"),
        ("/khan-cap/", "2-chon"),
        ("/khan-cap/lu", "3-kiem-tra"),
        ("/khan-cap/go-chu?mau=lu", "4-go-chu"),
        ("/khan-cap/ghi-am", "5-ghi-am"),
        ("/dien-tap/", "6-dien-tap"),
        ("/dien-tap/lu", "7-dien-tap-kiem-tra"),
        ("/mau-khan-cap/", "8-mau"),
        ("/mau-khan-cap/lu", "9-sua-mau"),
    ):
        person.go(path)
        person.page.wait_for_timeout(150)
        person.picture(f"{name}-{picture}")
    person.go("/khan-cap/lu")
    person.tap("Phát ngay")
    person.sees("Huỷ, không phát")
    person.page.wait_for_timeout(700)
    person.picture(f"{name}-a-dem-nguoc")
    person.sees("ĐANG PHÁT THẬT", within=10)
    person.picture(f"{name}-b-dang-phat")
    person.tap("10 cụm đã phát")
    person.sees("Đã phát 1/3 lượt, 2 giây", within=10)
    person.picture(f"{name}-b-tung-cum")
    person.tap("10 cụm đã phát")
    person.tap("Phát nhầm")
    person.picture(f"{name}-c-dinh-chinh")
    person.page.context.set_offline(True)
    person.page.wait_for_timeout(1500)
    person.picture(f"{name}-d-mat-mang-dang-phat")
    person.page.context.set_offline(False)
    person.go("/")
    person.picture(f"{name}-e-dai-tren-trang-dau")
    person.go("/khan-cap/xa-lu")
    person.page.context.set_offline(True)
    person.tap("Phát ngay")
    person.sees("Chưa phát được")
    person.picture(f"{name}-f-mat-mang")
    person.page.context.set_offline(False)
    person.sees("Đã có mạng lại")
    person.picture(f"{name}-g-hoi-lai")
