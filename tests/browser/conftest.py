"""A panel that is served, a commune behind it, and a real browser before it; phones are 360 pixels wide."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.serving import make_server

from broadcaster.domain.alert import Message, Status
from broadcaster.domain.people import Role
from tests.browser.standin import StandInHub
from tests.sources import ROOT
from tests.web.commune import Commune
from web.checks import sounds
from web.previews import Previews

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1366, "height": 900}

UNITS = {
    "xa": ("UBND xã", "Chợ Đồng", "Trường tiểu học", "Trạm y tế"),
    "thon-ben": ("Thôn Bến 1", "Thôn Bến 2", "Bến đò", "Nhà văn hoá Thôn Bến"),
    "thon-dinh": ("Thôn Đình 1", "Thôn Đình 2", "Đình làng", "Nhà văn hoá Thôn Đình"),
}

CONTACTS = """
[[contact]]
name = "Trực đài: cô Hoa"
phone = "0900 000 001"
[[contact]]
name = "Trưởng thôn Bến"
phone = "0900 000 002"
zone = "thon-ben"
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All that is here taps a real browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass
class Served:
    """A commune, its panel at `url`, and what stands in for its hub."""

    commune: Commune
    url: str
    hub: StandInHub


@dataclass
class Tapper:
    """Somebody at a screen, whose taps are counted."""

    page: "Page"
    url: str
    taps: int = 0

    def go(self, path: str) -> None:
        self.page.goto(self.url + path)

    def tap(self, words: str, *, exact: bool = False) -> None:
        """Tap the link or button that says so."""
        place = self.page.locator("a:visible, button:visible, summary:visible").filter(has_text=words)
        if exact:
            place = self.page.get_by_text(words, exact=True)
        place.first.click()
        self.taps += 1

    def sees(self, words: str, *, within: float = 45) -> None:
        """Wait until the page shows it."""
        shown = self.page.get_by_text(words).locator("visible=true")
        shown.first.wait_for(timeout=within * 1000)

    def shows(self, words: str) -> bool:
        """Whether it is there to be read now."""
        return self.page.get_by_text(words).locator("visible=true").count() > 0

    def picture(self, name: str) -> None:
        folder = ROOT / "build" / "screens"
        folder.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=folder / f"{name}.png")


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A commune of twelve units whose alerts have been spoken once."""
    folder = tmp_path_factory.mktemp("commune")
    commune = Commune.founded(folder)
    station = folder / "station.toml"
    station.write_text(station.read_text(encoding="utf-8") + CONTACTS, encoding="utf-8")
    for zone, names in UNITS.items():
        for number, name in enumerate(names):
            commune.unit(f"{zone}-{number}", zone, name)
    with commune.app.test_request_context():
        for template in commune.station.current.alerts.values():
            for status in (Status.ACTUAL, Status.EXERCISE):
                for sound in sounds(template, ["all"], status, Message.ALERT):
                    commune.station.maker.make(sound)
    commune.station.store.close()
    return folder


@pytest.fixture
def served(made: Path, tmp_path: Path) -> Iterator[Served]:
    commune = Commune(shutil.copytree(made, tmp_path / "commune"))
    commune.app.extensions["previews"] = Previews(lambda: commune.station.maker, patience=0.5)
    hub = StandInHub(commune)
    server = make_server("127.0.0.1", 0, commune.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Served(commune=commune, url=f"http://127.0.0.1:{server.server_port}", hub=hub)
    server.shutdown()
    thread.join()
    server.server_close()
    hub.close()
    commune.station.store.close()


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """The machine's own Chromium. Ended with its module: while it lives, asyncio can do nothing else here."""
    found = pytest.importorskip("playwright.sync_api", reason="playwright is missing: pip install -e .[dev]")
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: install it, or name one in $CHROMIUM")
    with found.sync_playwright() as started:
        chromium = started.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-background-networking",
                "--no-first-run",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                "--autoplay-policy=no-user-gesture-required",
            ],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def sit(browser: "Browser", served: Served) -> Iterator[Callable[..., Tapper]]:
    """Seat somebody of a role, signed in, at a phone (or at `screen`)."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def seated(role: Role = Role.APPROVER, screen: Any = PHONE, **more: Any) -> Tapper:
        context = browser.new_context(viewport=screen, locale="vi-VN", **more)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
        page.goto(f"{served.url}/dang-nhap")
        page.fill("[name=login]", role.value)
        page.fill("[name=password]", f"{role.value}12345678")
        page.click("button.primary")
        page.wait_for_url(f"{served.url}/")
        return Tapper(page=page, url=served.url)

    yield seated
    for context in contexts:
        context.close()
    assert not faults, "no script broke, and nothing the page's policy forbids was tried"
