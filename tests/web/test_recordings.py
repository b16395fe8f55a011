"""Recordings handed in: small real sounds and hostile ones; and hearing a bulletin before it airs."""

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from broadcaster.domain.people import Role
from tests.web.commune import Commune, Visitor, wav
from web.session import LONGEST_UPLOAD


def hand_in(visitor: Visitor, content: bytes, name: str, **typed: str) -> TestResponse:
    form = {"id": "bt-1", "title": "Nhạc", "how": "sound", "words": ""} | typed
    return visitor.post("/ban-tin/soan", recording=FileStorage(BytesIO(content), filename=name), **form)


def kept(commune: Commune) -> list[str]:
    """What lies in the folder of recordings and was not there before."""
    there = {path.name for path in (commune.folder / "audio" / "recordings").iterdir()}
    return sorted(there - {"khuc-nhac-dong-tien.opus"})


def heard(visitor: Visitor, commune: Commune, bulletin: str = "bt-1") -> TestResponse:
    """The sound of the bulletin, once it is made."""
    commune.making.go()
    return visitor.get(f"/ban-tin/{bulletin}/am-thanh.opus")


def test_a_recording_is_handed_in_heard_and_kept_under_a_name_of_ours(
    commune: Commune, tmp_path: Path
) -> None:
    visitor = commune.at_desk()
    answer = hand_in(visitor, wav(tmp_path / "x.wav").read_bytes(), "Họp dân ngày 20.wav")
    assert answer.location == "/ban-tin/bt-1"
    (name,) = kept(commune)
    assert name.startswith("hop-dan-ngay-20-")
    page = visitor.get("/ban-tin/bt-1").text
    assert name in page
    assert "Đang xử lý bản ghi…" in page
    sound = heard(visitor, commune)
    assert sound.status_code == 200
    assert sound.mimetype == "audio/ogg"
    assert sound.data.startswith(b"OggS")
    assert list((commune.folder / "state").glob(".upload-*")) == []


def test_the_player_can_ask_for_a_part_of_the_sound(commune: Commune, tmp_path: Path) -> None:
    visitor = commune.at_desk()
    hand_in(visitor, wav(tmp_path / "x.wav").read_bytes(), "x.wav")
    visitor.get("/ban-tin/bt-1")
    whole = heard(visitor, commune).data
    part = visitor.get("/ban-tin/bt-1/am-thanh.opus", headers={"Range": "bytes=4-9"})
    assert part.status_code == 206
    assert part.data == whole[4:10]
    assert part.headers["Content-Range"] == f"bytes 4-9/{len(whole)}"


def test_words_are_spoken_before_they_air(commune: Commune) -> None:
    commune.bulletin()
    visitor = commune.at_desk()
    page = visitor.get("/ban-tin/mat-dien").text
    assert 'data-again="/ban-tin/mat-dien/nghe"' in page
    assert "Đang tạo giọng đọc…" in page
    assert heard(visitor, commune, "mat-dien").data.startswith(b"OggS")
    player = visitor.get("/ban-tin/mat-dien/nghe").text
    assert '<audio controls preload="metadata" src="/ban-tin/mat-dien/am-thanh.opus?v=' in player
    assert "data-again" not in player, "what is there is not asked for again"


def test_sound_that_is_not_made_yet_is_not_there(commune: Commune) -> None:
    commune.bulletin()
    visitor = commune.at_desk()
    assert visitor.get("/ban-tin/mat-dien/am-thanh.opus").status_code == 404
    assert visitor.get("/ban-tin/khong-co/am-thanh.opus").status_code == 404


def text_as_mp3(_: Path) -> bytes:
    return "Đây là một bức thư, không phải âm thanh.\n".encode() * 200


def cut_off(folder: Path) -> bytes:
    return wav(folder / "x.wav", seconds=4).read_bytes()[:30]


def silence(folder: Path) -> bytes:
    return wav(folder / "x.wav", loud=0).read_bytes()


HOSTILE: list[tuple[str, Callable[[Path], bytes], str, str]] = [
    ("empty", lambda _: b"", "rong.mp3", "Tệp này rỗng"),
    ("text", text_as_mp3, "thu.mp3", "không phải âm thanh"),
    ("cut off", cut_off, "dut.wav", "Tệp này"),
    ("silent", silence, "im.wav", "không nghe thấy gì"),
    ("a name that climbs", text_as_mp3, "../../../etc/cron.d/x", "không phải âm thanh"),
    ("control characters in the name", silence, "a\x07b.wav", "Tên tệp có ký tự lạ"),
]


@pytest.mark.parametrize(
    ("content", "name", "sentence"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE]
)
def test_what_is_no_sound_is_refused_at_the_field_and_leaves_nothing(
    commune: Commune, tmp_path: Path, content: Callable[[Path], bytes], name: str, sentence: str
) -> None:
    visitor = commune.at_desk()
    answer = hand_in(visitor, content(tmp_path), name, title="Nhạc chiều")
    assert answer.status_code == 400
    assert re.search(f'<p class="slip" role="alert">[^<]*{sentence}', answer.text)
    assert 'value="Nhạc chiều"' in answer.text
    assert 'id="how-sound" checked' in answer.text
    assert kept(commune) == []
    assert commune.station.store.bulletins.list() == ()
    assert list((commune.folder / "state").glob(".upload-*")) == []


def test_a_name_that_climbs_out_of_the_folder_lands_in_it(commune: Commune, tmp_path: Path) -> None:
    content = wav(tmp_path / "hum.wav").read_bytes()
    for number, name in enumerate(("../../x.wav", "..\\..\\evil.wav")):
        answer = hand_in(commune.at_desk(), content, name, id=f"bt-{number}")
        assert answer.status_code == 302, answer.text
    assert {path.parent for path in commune.folder.rglob("*.opus")} == {
        commune.folder / "audio" / part for part in ("chimes", "fallback", "recordings")
    }
    assert not (commune.folder.parent / "x.wav").exists()
    assert all("/" not in name and name.endswith(".opus") for name in kept(commune))


def test_no_file_at_all_is_told(commune: Commune) -> None:
    answer = commune.at_desk().post("/ban-tin/soan", id="bt-1", title="Nhạc", how="sound", words="")
    assert answer.status_code == 400
    assert "Chưa chọn tệp ghi âm" in answer.text


def test_a_recording_that_was_taken_in_need_not_be_sent_again_for_a_missing_title(
    commune: Commune, tmp_path: Path
) -> None:
    visitor = commune.at_desk()
    answer = hand_in(visitor, wav(tmp_path / "x.wav").read_bytes(), "Loa <b>.wav", title="")
    assert answer.status_code == 400
    assert "Chưa có tiêu đề" in answer.text
    assert "Đã nhận tệp Loa &lt;b&gt;.wav" in answer.text
    (name,) = kept(commune)
    again = visitor.post(
        "/ban-tin/soan", id="bt-1", title="Nhạc", how="sound", kept=f"recordings/{name}", kept_name="x.wav"
    )
    assert again.location == "/ban-tin/bt-1"


@pytest.mark.parametrize("path", ["../station.toml", "/etc/passwd", "recordings/khong-co.opus", "recordings"])
def test_a_path_nobody_handed_in_is_no_recording(commune: Commune, path: str) -> None:
    answer = commune.at_desk().post("/ban-tin/soan", id="bt-1", title="Nhạc", how="sound", kept=path)
    assert answer.status_code == 400
    assert "Không tìm thấy tệp ghi âm" in answer.text
    assert commune.station.store.bulletins.list() == ()


def test_the_same_recording_sent_twice_makes_one_bulletin_and_one_file(
    commune: Commune, tmp_path: Path
) -> None:
    visitor, content = commune.at_desk(), wav(tmp_path / "x.wav").read_bytes()
    assert hand_in(visitor, content, "x.wav").location == hand_in(visitor, content, "x.wav").location
    assert len(kept(commune)) == 1
    assert len(commune.station.store.bulletins.list()) == 1


def test_typed_words_count_when_words_were_chosen_whatever_file_lies_beside(
    commune: Commune, tmp_path: Path
) -> None:
    answer = hand_in(
        commune.at_desk(), wav(tmp_path / "x.wav").read_bytes(), "x.wav", how="words", words="Mời họp."
    )
    assert answer.status_code == 302
    assert commune.station.store.bulletins.list()[0].bulletin.words == "Mời họp."
    assert kept(commune) == []


def test_a_file_that_is_too_big_is_refused_before_it_is_read(commune: Commune) -> None:
    visitor = commune.at_desk()
    answer = visitor.browser.post(
        "/ban-tin/soan",
        data={"csrf_token": visitor.token},
        environ_overrides={"CONTENT_LENGTH": str(LONGEST_UPLOAD + 1)},
    )
    assert answer.status_code == 413
    assert "Tệp nhiều nhất 400 MB." in answer.text
    assert "Về trang Hôm nay" in answer.text
    page = visitor.get("/ban-tin/soan").text
    assert f'data-most="{LONGEST_UPLOAD}"' in page, "the page itself says so first"


def test_a_technician_hands_in_nothing(commune: Commune, tmp_path: Path) -> None:
    answer = hand_in(commune.at_desk(Role.TECHNICIAN), wav(tmp_path / "x.wav").read_bytes(), "x.wav")
    assert answer.status_code == 403
    assert "không được giao việc này" in answer.text
    assert kept(commune) == []


def test_a_recording_that_vanished_is_told_where_it_would_be_heard(commune: Commune, tmp_path: Path) -> None:
    visitor = commune.at_desk()
    hand_in(visitor, wav(tmp_path / "x.wav").read_bytes(), "x.wav")
    (name,) = kept(commune)
    (commune.folder / "audio" / "recordings" / name).unlink()
    visitor.get("/ban-tin/bt-1")
    commune.making.go()
    page = visitor.get("/ban-tin/bt-1/nghe").text
    assert "Không tìm thấy tệp ghi âm trong máy" in page


def test_what_a_killed_panel_left_half_received_is_cleared_away(commune: Commune) -> None:
    from web import create_app

    left = commune.folder / "state" / ".upload-abc"
    left.mkdir()
    (left / "upload").write_bytes(b"x")
    create_app(commune.folder)
    assert not left.exists()
