"""Mẫu khẩn cấp: who is ready and who is not, a test nobody hears, and changing what is said."""

import re

from broadcaster.domain.alert import Hazard, Severity
from broadcaster.domain.names import AlertId
from broadcaster.domain.people import Role
from broadcaster.domain.programme import Spoken
from tests.web.commune import Commune, Visitor
from tests.web.test_alerts import form_id
from tests.web.test_today import words

NEW = {
    "title": "Cháy rừng",
    "hazard": "fire",
    "severity": "4",
    "signal": "notice",
    "languages": "1",
    "language-0": "vi",
    "alert-0": "Cháy rừng ở đồi phía tây. Bà con tránh xa.",
    "correction-0": "Tin cháy là phát nhầm.",
    "all_clear-0": "Đám cháy đã tắt.",
    "where": "all",
    "repeats": "2",
    "gap": "15",
    "softer": "3",
    "lasts": "60",
}


def fields(visitor: Visitor, path: str) -> dict[str, str]:
    """What the form of the page holds: its hidden fields and texts."""
    page = visitor.get(path).text
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    texts = dict(re.findall(r'<textarea name="([^"]+)"[^>]*>([^<]*)', page))
    hidden.pop("csrf_token")
    return hidden | texts


def test_the_list_says_how_many_are_ready_and_why_the_others_are_not(commune: Commune) -> None:
    commune.three_units()
    commune.beats("xa-1", "thon-ben-1")
    text = words(commune.at_desk(Role.APPROVER).get("/mau-khan-cap/").text)
    assert "Lũ, ngập lụt Sẵn sàng 0/3 cụm" in text
    assert "Loa thon-dinh-1: mất kết nối" in text
    assert "Loa xa-1: chưa tạo xong âm thanh" in text
    assert "Chưa kiểm tra lần nào." in text


def test_a_silent_test_is_asked_for_once(commune: Commune) -> None:
    commune.three_units()
    visitor = commune.at_desk(Role.TECHNICIAN)
    id = form_id(visitor, "/mau-khan-cap/")
    for _ in range(2):
        assert visitor.post("/mau-khan-cap/kiem-tra", id=id).status_code == 302
    (test,) = commune.station.store.readiness.tests()
    assert (test.id, test.by, len(test.units)) == (id, "technician", 3)
    assert "Kiểm tra im lặng lần cuối: 17:20 , chờ trung tâm" in words(visitor.get("/mau-khan-cap/").text)


def test_a_new_template_is_written_with_all_that_was_typed(commune: Commune) -> None:
    visitor = commune.at_desk(Role.APPROVER)
    answer = visitor.post("/mau-khan-cap/moi", **NEW)
    assert answer.status_code == 302, words(answer.text)
    made = commune.station.current.alerts[AlertId("chay-rung")]
    assert (made.hazard, made.severity, made.repeats, made.volume) == (Hazard.FIRE, Severity.EXTREME, 2, -3.0)
    wording = made.wording("vi")
    assert wording is not None
    assert isinstance(wording.all_clear, Spoken)
    assert wording.all_clear.words == "Đám cháy đã tắt."
    assert "Cháy rừng" in words(visitor.get("/khan-cap/").text)


def test_saving_a_template_changes_what_was_touched_and_no_more(commune: Commune) -> None:
    visitor = commune.at_desk(Role.APPROVER)
    before = commune.station.current.alerts[AlertId("lu")]
    form = fields(visitor, "/mau-khan-cap/lu") | {
        "title": "Lũ quét",
        "hazard": "flood",
        "severity": "3",
        "signal": "notice",
        "where": "all",
        "lasts": "120",
        "repeats": "3",
        "gap": "10",
        "softer": "0",
    }
    answer = visitor.post("/mau-khan-cap/lu", **form)
    assert answer.status_code == 302, words(answer.text)
    after = commune.station.current.alerts[AlertId("lu")]
    assert (after.title, after.wordings, after.zones) == ("Lũ quét", before.wordings, before.zones)


def test_somebody_elses_change_is_not_written_over(commune: Commune) -> None:
    one, other = commune.at_desk(Role.APPROVER), commune.at_desk(Role.ADMIN)
    form = fields(one, "/mau-khan-cap/lu") | {
        key: NEW[key] for key in ("hazard", "severity", "signal", "where", "lasts")
    }
    assert other.post("/mau-khan-cap/lu", **form, title="Lũ về").status_code == 302
    refused = one.post("/mau-khan-cap/lu", **form, title="Lũ lên")
    assert refused.status_code == 400
    assert commune.station.current.alerts[AlertId("lu")].title == "Lũ về"
    assert 'value="Lũ lên"' in refused.text, "what was typed is still there"


def test_a_template_without_a_correction_is_refused_and_the_words_are_kept(commune: Commune) -> None:
    refused = commune.at_desk(Role.APPROVER).post("/mau-khan-cap/moi", **NEW | {"correction-0": " "})
    assert refused.status_code == 400
    assert "Cháy rừng ở đồi phía tây." in refused.text
    assert AlertId("chay-rung") not in commune.station.current.alerts


def test_who_may_not_change_templates_is_told_so(commune: Commune) -> None:
    visitor = commune.at_desk(Role.EDITOR)
    assert "Bạn không được giao việc sửa mẫu" in visitor.get("/mau-khan-cap/lu").text
    assert visitor.post("/mau-khan-cap/moi", **NEW).status_code == 403


def test_words_in_a_language_without_a_voice_are_refused_and_it_is_said_what_to_do(commune: Commune) -> None:
    visitor = commune.at_desk(Role.APPROVER)
    answer = visitor.post("/mau-khan-cap/moi", **(NEW | {"language-0": "blt"}))
    assert answer.status_code == 400
    assert "Đài chưa có giọng đọc thứ tiếng này." in words(answer.text)
    assert "chay-rung" not in commune.station.current.alerts
