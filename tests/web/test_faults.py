"""When something is broken: a sentence and a way on, never a traceback, and nothing else harmed."""

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from broadcaster.domain.people import Role
from broadcaster.station import NoStation
from broadcaster.store.file import StoreFile
from tests.web.commune import Commune
from tests.web.test_today import words
from web import create_app

WORDS = "Mời bà con họp thôn."


def hurried(commune: Commune) -> None:
    """Let this thread's writes wait 20 ms for a lock, and not the usual 5 s."""
    file = commune.station.store.bulletins._file
    assert isinstance(file, StoreFile)
    file._seat().base.execute("PRAGMA busy_timeout = 20")


def test_a_store_somebody_else_holds_is_told_and_the_words_are_kept(commune: Commune) -> None:
    visitor = commune.at_desk()
    hurried(commune)
    other = sqlite3.connect(commune.folder / "state" / "station.db")
    other.execute("BEGIN IMMEDIATE")
    try:
        answer = visitor.post("/ban-tin/soan", id="bt-1", title="Họp", words=WORDS, how="words")
        assert answer.status_code == 503
        assert "Máy chủ đang bận ghi việc khác. Chưa có gì thay đổi" in answer.text
        assert WORDS in answer.text
        assert visitor.get("/").status_code == 200, "reading waits for nobody"
        assert commune.stranger().sign_in("editor").status_code == 302, "nor does who has to warn people"
    finally:
        other.close()
    again = visitor.post("/ban-tin/soan", id="bt-1", title="Họp", words=WORDS, how="words")
    assert again.status_code == 302


def test_a_store_that_is_damaged_is_told_on_every_page(commune: Commune) -> None:
    visitor = commune.at_desk()
    commune.station.store.close()
    database = commune.folder / "state" / "station.db"
    for left in database.parent.glob("station.db-*"):
        left.unlink()
    database.write_bytes(b"day khong phai so ghi " * 500)
    visitor.browser.application = create_app(commune.folder)
    for path in ("/", "/ban-tin/", "/ban-tin/soan", "/khong-co"):
        answer = visitor.get(path)
        assert answer.status_code in (404, 503), path
        assert "Traceback" not in answer.text
        assert "damaged" not in answer.text
    assert "Máy chủ không mở được sổ ghi của đài" in visitor.get("/").text


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_told(commune: Commune, fault: int) -> None:
    def full() -> str:
        raise OSError(fault, os.strerror(fault))

    commune.app.add_url_rule("/day-o", view_func=full)
    answer = commune.at_desk().get("/day-o")
    assert answer.status_code == 507
    assert "Máy chủ sắp hết chỗ chứa" in answer.text


def test_what_nobody_foresaw_is_told_too_and_noted_for_who_mends_it(
    commune: Commune, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> str:
        raise OSError(errno.EIO, "bad sector")

    commune.app.add_url_rule("/hong", view_func=broken)
    answer = commune.at_desk().get("/hong")
    assert answer.status_code == 500
    assert "Máy chủ gặp lỗi" in answer.text
    assert "bad sector" not in answer.text
    assert "bad sector" in caplog.text


def test_a_station_file_that_breaks_later_leaves_the_last_good_one_in_force(commune: Commune) -> None:
    commune.three_units()
    visitor = commune.at_desk()
    commune.says('id = "dong-tien"\nname = [hỏng\n')
    text = words(visitor.get("/").text)
    assert "Tệp station.toml có lỗi ở dòng 2" in text
    assert "Bản tốt gần nhất vẫn đang dùng" in text
    assert "Toàn xã" in visitor.get("/thong-bao").text
    assert visitor.post("/dung-phat", zones="all").status_code == 302, "horns can still be stopped"


def test_a_panel_started_with_a_broken_station_file_says_where_and_comes_to_life_when_it_is_mended(
    commune: Commune,
) -> None:
    good = (commune.folder / "station.toml").read_text()
    visitor, stranger = commune.at_desk(), commune.stranger()
    commune.says(good.replace('timezone = "Asia/Ho_Chi_Minh"', 'timezone = "Asia/Ha_Noi"'))
    visitor.browser.application = stranger.browser.application = create_app(commune.folder)
    for path, code in (("/", 503), ("/dang-nhap", 503), ("/ban-tin/", 503), ("/khong-co", 404)):
        assert visitor.get(path).status_code == code, path
    text = words(stranger.get("/dang-nhap").text)
    assert "Tệp station.toml có lỗi ở dòng" in text
    assert "mục “timezone”" in text
    assert "expected" not in text
    commune.says(good)
    assert visitor.get("/").status_code == 200


def test_a_station_file_that_is_gone_is_told_by_the_command_and_not_by_a_page(tmp_path: Path) -> None:
    with pytest.raises(NoStation, match=r"there is no station.toml in"):
        create_app(tmp_path)


def test_the_folder_comes_from_the_environment_when_none_is_named(
    commune: Commune, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROADCASTER_STATION", str(commune.folder))
    assert create_app().test_client().get("/dang-nhap").status_code == 200


def test_a_form_sent_by_the_wrong_way_is_told(commune: Commune) -> None:
    visitor = commune.at_desk(Role.ADMIN)
    answer = visitor.get("/ban-tin/mat-dien/xep")
    assert answer.status_code == 405
    assert "Quay lại trang trước và bấm nút trên trang đó" in answer.text


def test_a_form_without_bounds_is_refused(commune: Commune) -> None:
    visitor = commune.at_desk()
    answer = visitor.post("/ban-tin/soan", id="bt-1", title="Họp", words="a " * 3_000_000, how="words")
    assert answer.status_code == 413
    assert "Đoạn chữ dài quá" in answer.text
