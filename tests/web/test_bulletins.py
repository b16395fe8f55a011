"""Bản tin: writing them, correcting them, and what is said when one cannot be taken."""

import re
from datetime import timedelta

import pytest
from markupsafe import escape

from broadcaster.domain.bulletin import State
from broadcaster.domain.names import BulletinId
from broadcaster.domain.people import Role
from broadcaster.domain.programme import Rank
from tests.web.commune import Commune, Visitor

WORDS = "Mời bà con họp thôn lúc 19h30."


def id_in(page: str) -> str:
    found = re.search(r'name="id" value="([^"]+)"', page)
    assert found
    return found[1]


def written(commune: Commune) -> list[str]:
    return [sheet.bulletin.title for sheet in commune.station.store.bulletins.list()]


def compose(visitor: Visitor, **typed: str) -> str:
    """Open the page and send it, as a person does; where it leads."""
    form = {"id": id_in(visitor.get("/ban-tin/soan").text), "how": "words", "rank": "ordinary"} | typed
    answer = visitor.post("/ban-tin/soan", **form)
    assert answer.status_code == 302, answer.text
    return answer.location


def test_an_editor_types_a_bulletin_and_comes_to_its_page(commune: Commune) -> None:
    visitor = commune.at_desk()
    place = compose(visitor, title="  Họp   thôn ", words=WORDS)
    page = visitor.get(place)
    assert "Họp thôn" in page.text
    assert WORDS in page.text
    assert "Đã lưu bản tin" in page.text
    sheet = commune.station.store.bulletins.list()[0]
    assert (sheet.bulletin.author, sheet.bulletin.rank, sheet.bulletin.state) == (
        "editor",
        Rank.ORDINARY,
        State.APPROVED,
    )


def test_a_priority_bulletin_is_one(commune: Commune) -> None:
    compose(commune.at_desk(), title="Bão", words="Bão gần bờ.", rank="priority")
    assert commune.station.store.bulletins.list()[0].bulletin.rank is Rank.PRIORITY


def test_the_same_form_sent_twice_makes_one_bulletin(commune: Commune) -> None:
    visitor = commune.at_desk()
    form = {"id": id_in(visitor.get("/ban-tin/soan").text), "title": "Họp", "words": WORDS, "how": "words"}
    first, second = visitor.post("/ban-tin/soan", **form), visitor.post("/ban-tin/soan", **form)
    assert first.location == second.location
    assert written(commune) == ["Họp"]


def test_two_forms_are_two_bulletins(commune: Commune) -> None:
    visitor = commune.at_desk()
    assert compose(visitor, title="Họp", words=WORDS) != compose(visitor, title="Họp", words=WORDS)
    assert written(commune) == ["Họp", "Họp"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"title": "", "words": WORDS}, "Chưa có tiêu đề. Hãy viết một dòng ngắn."),
        ({"title": " \t", "words": WORDS}, "Chưa có tiêu đề"),
        ({"title": "x" * 201, "words": WORDS}, "Dài quá. Viết nhiều nhất 200 chữ cái."),
        ({"title": "Họp", "words": "   \n "}, "Chưa có nội dung để đọc. Hãy gõ ít nhất một từ."),
        ({"title": "Họp", "words": "…!?"}, "Chưa có nội dung để đọc"),
        ({"title": "Họp", "words": "a " * 25_000}, "Dài quá. Mỗi bản tin nhiều nhất 20.000 chữ"),
        ({"title": "Họp", "words": "b " * 400_000}, "Dài quá. Mỗi bản tin nhiều nhất 20.000 chữ"),
        ({"title": "Họp", "words": "Họp\x00\x07 thôn"}, "Có ký tự lạ không đọc được"),
        ({"title": "Họp\x1b", "words": WORDS}, "Có ký tự lạ không đọc được"),
    ],
)
def test_what_cannot_be_taken_is_told_at_its_field_and_nothing_typed_is_lost(
    commune: Commune, typed: dict[str, str], sentence: str
) -> None:
    visitor = commune.at_desk()
    answer = visitor.post("/ban-tin/soan", id="bt-1", how="words", rank="priority", **typed)
    assert answer.status_code == 400
    assert f'role="alert">{sentence}' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'name="id" value="bt-1"' in answer.text, "sent again, it is still the same one"
    assert 'value="priority" checked' in answer.text
    assert escape(typed["words"].strip())[:200] in answer.text
    assert written(commune) == []


def test_a_page_made_with_an_id_that_is_somebody_elses_says_so_and_keeps_the_words(commune: Commune) -> None:
    commune.bulletin(id="bt-1")
    answer = commune.at_desk().post("/ban-tin/soan", id="bt-1", title="Khác", words="Chữ khác.", how="words")
    assert answer.status_code == 400
    assert "đã được làm từ một trang khác" in answer.text
    assert "Chữ khác." in answer.text
    answer = commune.at_desk().post("/ban-tin/soan", id="../../x", title="Khác", words="Chữ.", how="words")
    assert "Trang này đã cũ" in answer.text


def test_the_list_shows_the_newest_first_with_who_wrote_it_and_can_be_sieved(commune: Commune) -> None:
    commune.bulletin(Role.EDITOR, "cu")
    commune.present += timedelta(minutes=1)
    commune.bulletin(Role.VILLAGE, "moi")
    visitor = commune.at_desk()
    page = visitor.get("/ban-tin/").text
    assert page.index("/ban-tin/moi") < page.index("/ban-tin/cu")
    assert "Người village" in page
    drafts = visitor.get("/ban-tin/?xem=draft").text
    assert "/ban-tin/moi" in drafts
    assert "/ban-tin/cu" not in drafts
    assert "Không có bản tin nào ở mục này" in visitor.get("/ban-tin/?xem=returned").text
    assert "/ban-tin/cu" in visitor.get("/ban-tin/?xem=linh-tinh").text


def seen_in(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', page)
    assert found
    return found[1]


def test_a_bulletin_is_corrected(commune: Commune) -> None:
    commune.bulletin()
    visitor = commune.at_desk()
    seen = seen_in(visitor.get("/ban-tin/mat-dien").text)
    answer = visitor.post("/ban-tin/mat-dien/sua", title="Cắt điện", words="Kia mất điện.", seen=seen)
    assert answer.location == "/ban-tin/mat-dien"
    kept = commune.station.store.bulletins.find(BulletinId("mat-dien"))
    assert kept is not None
    assert (kept.title, kept.words) == ("Cắt điện", "Kia mất điện.")


def test_a_correction_that_cannot_be_taken_is_shown_again(commune: Commune) -> None:
    commune.bulletin()
    visitor = commune.at_desk()
    seen = seen_in(visitor.get("/ban-tin/mat-dien").text)
    answer = visitor.post("/ban-tin/mat-dien/sua", title="", words="Kia mất điện.", seen=seen)
    assert answer.status_code == 400
    assert "Chưa có tiêu đề" in answer.text
    assert "Kia mất điện." in answer.text
    assert '<input name="title" value=""' in answer.text


def test_nobody_overwrites_words_they_never_saw(commune: Commune) -> None:
    commune.bulletin()
    first, second = commune.at_desk(Role.EDITOR), commune.at_desk(Role.ADMIN)
    seen = seen_in(second.get("/ban-tin/mat-dien").text)
    commune.present += timedelta(minutes=1)
    first.post("/ban-tin/mat-dien/sua", title="Điện", words="Chữ thứ nhất.", seen=seen)
    answer = second.post("/ban-tin/mat-dien/sua", title="Điện", words="Chữ thứ hai.", seen=seen)
    assert answer.status_code == 400
    assert "Có người vừa sửa bản tin này" in answer.text
    assert "Chữ thứ nhất." in answer.text, "what stands now"
    assert "Chữ thứ hai." in answer.text, "and what was typed"
    kept = commune.station.store.bulletins.find(BulletinId("mat-dien"))
    assert kept is not None
    assert kept.words == "Chữ thứ nhất."
    again = second.post(
        "/ban-tin/mat-dien/sua", title="Điện", words="Chữ thứ hai.", seen=seen_in(answer.text)
    )
    assert again.status_code == 302, "having seen it, they may"


@pytest.mark.parametrize("seen", ["", "hôm qua", "2026-11-21", "2026-11-21T10:20:00"])
def test_a_correction_that_says_not_what_was_seen_changes_nothing(commune: Commune, seen: str) -> None:
    commune.bulletin()
    answer = commune.at_desk().post("/ban-tin/mat-dien/sua", title="Điện", words="Chữ khác.", seen=seen)
    assert answer.status_code == 400
    assert "Có người vừa sửa" in answer.text


def test_somebody_elses_bulletin_can_be_read_by_a_village_but_not_changed(commune: Commune) -> None:
    commune.bulletin()
    visitor = commune.at_desk(Role.VILLAGE)
    page = visitor.get("/ban-tin/mat-dien").text
    assert "Mai mất điện." in page
    assert "/sua" not in page
    answer = visitor.post("/ban-tin/mat-dien/sua", title="Đổi", words="Đổi hết.")
    assert answer.status_code in (400, 403)
    kept = commune.station.store.bulletins.find(BulletinId("mat-dien"))
    assert kept is not None
    assert kept.words == "Mai mất điện."


def test_what_the_machine_will_say_is_shown_where_it_differs_from_what_was_typed(commune: Commune) -> None:
    commune.bulletin(id="viet-tat", words="UBND xã họp lúc 19h30.")
    commune.bulletin(id="du-chu", words="Mai mất điện.")
    visitor = commune.at_desk()
    page = visitor.get("/ban-tin/viet-tat").text
    assert "Máy sẽ đọc thế nào" in page
    assert "Ủy ban nhân dân" in page or "Uỷ ban nhân dân" in page
    assert "Máy sẽ đọc thế nào" not in visitor.get("/ban-tin/du-chu").text
