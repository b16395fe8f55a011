"""Every emergency page fits: on a cheap phone, on a narrow one, with letters twice as big, in the dark, and
at a desk. What it looks like lies in build/screens/, to be looked at."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.conftest import DESK, PHONE, Served, Tapper

NARROW = {"width": 320, "height": 640}
TABLET = {"width": 720, "height": 1280}

SCREENS: dict[str, tuple[dict[str, int], dict[str, Any], str]] = {
    "dien-thoai": (PHONE, {}, ""),
    "hep": (NARROW, {}, ""),
    "chu-to": (TABLET, {}, "225%"),
    "toi": (PHONE, {"color_scheme": "dark"}, ""),
    "ban": (DESK, {}, ""),
}
"""Name: size, what else the browser is told, size of letters (112.5 % is the panel's own)."""

PAGES = {
    "/": "1-hom-nay",
    "/khan-cap/": "2-chon",
    "/khan-cap/lu": "3-kiem-tra",
    "/khan-cap/go-chu?mau=lu": "4-go-chu",
    "/khan-cap/ghi-am": "5-ghi-am",
    "/dien-tap/": "6-dien-tap",
    "/dien-tap/lu": "7-dien-tap-kiem-tra",
    "/mau-khan-cap/": "8-mau",
    "/mau-khan-cap/lu": "9-sua-mau",
}

WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

SMALL = """[...document.querySelectorAll("main a.btn, main button, main summary, main .chip, .tabbar a")]
    .filter((part) => part.checkVisibility() && part.getBoundingClientRect().height < 44)
    .map((part) => part.textContent.trim())"""


def judged(person: Tapper, name: str, picture: str) -> None:
    """Nothing runs out at the side, and a thumb finds every button."""
    person.picture(f"{name}-{picture}")
    assert person.page.evaluate(WIDER) <= 0, f"{picture} has to be scrolled sideways"
    assert person.page.evaluate(SMALL) == [], f"{picture} has buttons that are too small"


@pytest.mark.parametrize("name", SCREENS)
def test_every_page_fits_and_can_be_tapped(sit: Callable[..., Tapper], served: Served, name: str) -> None:
    screen, more, letters = SCREENS[name]
    served.hub.deaf, served.hub.slow = {"thon-dinh-3"}, {"xa-3"}
    person = sit(screen=screen, **more)

    def bigger() -> None:
        if letters:
            person.page.evaluate(f"document.documentElement.style.fontSize = '{letters}'")

    for path, picture in PAGES.items():
        person.go(path)
        bigger()
        judged(person, name, picture)
    person.go("/khan-cap/xa-lu")
    bigger()
    person.page.context.set_offline(True)
    person.tap("Phát ngay")
    person.sees("Chưa phát được")
    judged(person, name, "f-mat-mang")
    person.page.context.set_offline(False)
    person.sees("Đã có mạng lại")
    judged(person, name, "g-hoi-lai")
    person.go("/khan-cap/lu")
    person.tap("Phát ngay")
    person.sees("Huỷ, không phát")
    bigger()
    judged(person, name, "a-dem-nguoc")
    person.sees("ĐANG PHÁT THẬT")
    person.tap("Phát nhầm")
    judged(person, name, "b-dang-phat")
    person.tap("10 cụm đã phát")
    person.sees("Đã phát 1/3 lượt, 2 giây")
    judged(person, name, "c-tung-cum")
