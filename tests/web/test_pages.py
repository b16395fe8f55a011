"""What holds for every page: who sees it, what stands in it, and what a form without its token can do."""

import re
from itertools import product

import pytest
from werkzeug.routing import Rule

from broadcaster.desk import Verb
from broadcaster.desk.rights import RIGHTS, Scope
from broadcaster.domain.names import BulletinId
from broadcaster.domain.people import Role
from tests.web.commune import TOMORROW, TONIGHT, Commune

PAGES = [
    "/",
    "/hom-nay/bay-gio",
    "/lich-phat",
    "/lich-phat?ngay=2026-11-30",
    "/ban-tin/",
    "/ban-tin/?xem=submitted",
    "/ban-tin/soan",
    "/ban-tin/mat-dien",
    "/ban-tin/mat-dien/nghe",
    "/cum-loa/",
    "/nhat-ky/",
    "/thong-bao",
    "/dung-phat",
    f"/dung-phat?cue={TONIGHT}",
    "/khan-cap/",
    "/khan-cap/lu",
    "/khan-cap/lu?noi=thon-ben",
    "/khan-cap/lu/nghe",
    "/khan-cap/go-chu",
    "/khan-cap/ghi-am",
    "/khan-cap/dang-phat/",
    "/khan-cap/dang-phat/kc-1",
    "/khan-cap/dang-phat/kc-1/bay-gio",
    "/khan-cap/dang-phat/kc-1/cap-nhat",
    "/dien-tap/",
    "/dien-tap/lu",
    "/dien-tap/dang-chay/dt-1",
    "/dien-tap/dang-chay/dt-1/bay-gio",
    "/mau-khan-cap/",
    "/mau-khan-cap/lu",
    "/mau-khan-cap/moi",
]

MOVING = ("/bay-gio",)
"""Parts of a page that a script puts in: it sends their forms with the token the page has."""

FORMS = {
    "ban-tin/soan": Verb.WRITE,
    "/sua": Verb.REWRITE,
    "/gui-duyet": Verb.SUBMIT,
    "/duyet": Verb.APPROVE,
    "/tra-lai": Verb.RETURN,
    "/xep": Verb.BOOK,
    "/bo-xep": Verb.UNBOOK,
    "/hen-gio": Verb.BOOK_AT,
    "/thong-bao": Verb.SAY,
    "/huy-thong-bao": Verb.CANCEL_ANNOUNCEMENT,
    "/dung-phat": Verb.STOP,
    "/cum-loa/nhan": Verb.PAIR_UNIT,
    "/am-luong": Verb.SET_VOLUME,
    "/thu-chuong": Verb.TEST_CHIME,
}


def full(commune: Commune) -> None:
    """Let there be something of everything, also titles that would like to be more than titles."""
    commune.three_units()
    commune.beats("xa-1", "thon-ben-1", playing=TONIGHT)
    commune.waits()
    commune.bulletin()
    commune.planned(TONIGHT, minutes=40)
    commune.desk.book(commune.people[Role.EDITOR], "mat-dien", TOMORROW)
    commune.desk.raise_alert(commune.people[Role.APPROVER], id="kc-1", template="lu")
    commune.desk.raise_drill(commune.people[Role.APPROVER], id="dt-1", template="lu")


@pytest.mark.parametrize("role", list(Role))
def test_every_page_opens_for_every_role_and_offers_only_what_they_may_do(
    commune: Commune, role: Role
) -> None:
    full(commune)
    visitor = commune.at_desk(role)
    for path in PAGES:
        page = visitor.get(path)
        assert page.status_code == 200, path
        actions = re.findall(r'<form[^>]* action="([^"]+)"', page.text)
        for action in actions:
            verb = next((verb for end, verb in FORMS.items() if action.endswith(end)), None)
            assert verb is None or RIGHTS[role, verb] is not Scope.NONE, f"{path} offers {action}"


def test_an_administrator_is_offered_every_form_there_is(commune: Commune) -> None:
    full(commune)
    commune.asks_for_approval()
    commune.bulletin(Role.VILLAGE, "ben")
    commune.desk.submit(commune.people[Role.VILLAGE], "ben")
    commune.bulletin(Role.VILLAGE, "nhap")
    visitor = commune.at_desk(Role.ADMIN)
    pages = [*PAGES, "/ban-tin/ben", "/ban-tin/nhap"]
    actions = {found for path in pages for found in re.findall(r' action="([^"]+)"', visitor.get(path).text)}
    # an announcement can be taken back while it waits; that page has a test of its own
    for end in FORMS.keys() - {"/huy-thong-bao"}:
        assert any(action.endswith(end) for action in actions), end


def test_a_page_holds_no_script_no_style_and_nothing_of_another_site(commune: Commune) -> None:
    full(commune)
    visitor = commune.at_desk(Role.ADMIN)
    for path in [*PAGES, "/khong-co", "/dang-nhap"]:
        page = visitor.get(path)
        assert re.search(r"<style|style=|<script(?! src=)|\son[a-z]+=|javascript:", page.text) is None, path
        linked = re.findall(r'(?:src|href|action)="([^"#]+)', page.text)
        assert [link for link in linked if not link.startswith(("/", "?", "tel:"))] == [], path
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["Cache-Control"] == "no-store"


def test_every_form_carries_its_token_and_every_field_a_name_people_can_read(commune: Commune) -> None:
    full(commune)
    visitor = commune.at_desk(Role.ADMIN)
    for path in [*PAGES, "/dang-nhap"]:
        text = visitor.get(path).text
        sending = r'<form(?![^>]*method="get")[^>]*>(.*?)</form>'
        for form in re.findall(sending, text, re.DOTALL) if not path.endswith(MOVING) else ():
            assert 'name="csrf_token"' in form, path
        labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', text))
        within = " ".join(re.findall(r"<label[^>]*>.*?</label>", text, re.DOTALL))
        for field in re.findall(r"<(?:input|textarea|select)[^>]*>", text):
            if 'type="hidden"' in field:
                continue
            name = re.search(r' id="([^"]+)"', field)
            assert field in within or (name and name[1] in labelled), f"{path}: {field}"


def test_no_page_names_the_same_thing_twice(commune: Commune) -> None:
    full(commune)
    visitor = commune.at_desk(Role.ADMIN)
    for path in PAGES:
        ids = re.findall(r'\sid="([^"]+)"', visitor.get(path).text)
        assert len(ids) == len(set(ids)), path


def test_doors_that_lead_nowhere_are_not_shown(commune: Commune) -> None:
    full(commune)
    visitor = commune.at_desk(Role.ADMIN)
    for path in PAGES:
        for link in set(re.findall(r'<a [^>]*href="(/[^"#]*)', visitor.get(path).text)):
            assert visitor.get(link.replace("&amp;", "&")).status_code == 200, f"{path} -> {link}"


def posts(commune: Commune) -> list[str]:
    """The addresses of all forms, with something that is there in their holes. Programs have their own, with
    no cookie to be misused: see test_api."""
    there = {"bulletin": "mat-dien", "unit": "xa-1", "template": "lu"}
    there |= {"alert": "kc-1", "drill": "dt-1", "act": "huy"}

    def filled(rule: Rule) -> str:
        return re.sub(r"<(\w+)>", lambda hole: there[hole[1]], rule.rule)

    rules = [rule for rule in commune.app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    return [filled(rule) for rule in rules if not rule.rule.startswith("/api/")]


@pytest.mark.parametrize("token", ["", "khong-phai", None])
def test_a_form_without_its_token_changes_nothing(commune: Commune, token: str | None) -> None:
    full(commune)
    visitor = commune.at_desk(Role.ADMIN)
    before = commune.trail()
    paths = posts(commune)
    assert len(paths) > 14
    for path in paths:
        form = {
            "title": "Đổi hết",
            "words": "Đổi hết",
            "where": "all",
            "zones": "all",
            "sure": "yes",
            "cue": TOMORROW,
        }
        if token is not None:
            form["csrf_token"] = token
        answer = visitor.browser.post(path, data=form)
        assert answer.status_code == 400, path
        assert "Chưa có gì thay đổi" in answer.text
    assert commune.trail() == before
    assert visitor.get("/").status_code == 200, "nor was anybody signed out"


def test_the_token_of_one_person_is_no_good_for_another(commune: Commune) -> None:
    full(commune)
    mine, theirs = commune.at_desk(Role.ADMIN), commune.at_desk(Role.EDITOR)
    before = commune.trail()
    theirs.token = mine.token
    assert theirs.post("/dung-phat", zones="all").status_code == 400
    assert commune.trail() == before


def test_strangers_see_the_door_and_nothing_else(commune: Commune) -> None:
    full(commune)
    stranger = commune.stranger()
    for path in PAGES:
        answer = stranger.get(path)
        assert answer.status_code == 302, path
        assert answer.location.startswith("/dang-nhap?next="), path
        assert "mất điện" not in answer.text
    assert stranger.get("/ban-tin/mat-dien/am-thanh.opus").status_code == 302
    before = commune.trail()
    for path in posts(commune):
        if path != "/dang-nhap":
            assert stranger.post(path, words="Xin chào", zones="all", sure="yes").status_code in (302, 403)
    assert commune.trail() == before


NOT_GIVEN = [
    (role, end)
    for role, (end, verb) in product(Role, FORMS.items())
    if RIGHTS[role, verb] is Scope.NONE and verb is not Verb.CANCEL_ANNOUNCEMENT
]
"""A technician has no announcement to take back: that is not found before it is refused."""


@pytest.mark.parametrize(("role", "end"), NOT_GIVEN)
def test_a_form_somebody_was_never_given_is_refused_all_the_same(
    commune: Commune, role: Role, end: str
) -> None:
    full(commune)
    address = next(each for each in posts(commune) if each.endswith(end))
    visitor = commune.at_desk(role)
    before = commune.trail()
    form = {"why": "vì", "code": "123456", "name": "Loa", "zone": "xa", "decibels": "-6", "cue": TOMORROW}
    text = {"title": "Họp", "words": "Mời họp.", "how": "words", "where": "all", "sure": "yes"}
    when = {"day": "2026-11-21", "time": "17:30"}
    answer = visitor.post(address, **form, **text, **when)
    assert answer.status_code in (400, 403)
    assert "không được giao việc này" in answer.text
    assert commune.trail() == before


HOSTILE = '<script>alert("&1")</script><img src=x onerror=alert(2)>\'"'


def test_whatever_people_type_stays_text(commune: Commune) -> None:
    commune.unit("xa-1", "xa", name=HOSTILE[:60])
    commune.beats("xa-1")
    visitor = commune.at_desk(Role.ADMIN)
    visitor.post("/ban-tin/soan", id="xau", title=HOSTILE, words=f"{HOSTILE}\n{{{{ 7*7 }}}}", how="words")
    assert commune.station.store.bulletins.find(BulletinId("xau")) is not None
    commune.desk.book(commune.people[Role.ADMIN], "xau", TOMORROW)
    commune.desk.return_(commune.people[Role.ADMIN], "xau", why=HOSTILE)
    commune.planned(TOMORROW, title=HOSTILE)
    for path in ["/", "/ban-tin/", "/ban-tin/xau", "/lich-phat?ngay=2026-11-22", "/cum-loa/", "/nhat-ky/"]:
        text = visitor.get(path).text
        assert "<script>alert" not in text, path
        assert "<img" not in text, path
    assert "&lt;script&gt;alert" in visitor.get("/ban-tin/xau").text
    assert "{{ 7*7 }}" in visitor.get("/ban-tin/xau").text
    again = visitor.post("/ban-tin/soan", title=HOSTILE, words="", how="words")
    assert "<script>alert" not in again.text
    check = visitor.post("/thong-bao", words=f"Xin chào {HOSTILE}", where="all", id="tb-1")
    assert check.status_code == 200
    assert "<script>alert" not in check.text
    for query in ("ngay", "cu-hon", "xem", "next", "cue"):
        for path in ("/nhat-ky/", "/lich-phat", "/ban-tin/", "/dung-phat"):
            assert "<script>alert" not in visitor.get(path, query_string={query: HOSTILE}).text


@pytest.mark.parametrize(
    "day", ["0001-01-01", "9999-12-31", "2026-02-30", "hôm nay", "", "2026-11-21T00:00", "1" * 400]
)
def test_a_day_that_is_none_is_today(commune: Commune, day: str) -> None:
    visitor = commune.at_desk()
    for path in ("/nhat-ky/", "/lich-phat"):
        page = visitor.get(path, query_string={"ngay": day, "cu-hon": day})
        assert page.status_code == 200
        assert "Thứ Bảy, 21/11/2026" in page.text


def test_what_does_not_exist_is_told_in_words(commune: Commune) -> None:
    visitor = commune.at_desk()
    for path in ("/khong-co", "/ban-tin/khong-co", "/ban-tin/KHÔNG CÓ", "/static/khong-co"):
        page = visitor.get(path)
        assert page.status_code == 404
        assert "Về trang Hôm nay" in page.text or path.startswith("/static")
    assert "Không tìm thấy bản tin này" in visitor.get("/ban-tin/khong-co").text
    assert visitor.get("/dang-xuat").status_code == 405


def test_the_files_pages_need_are_served_with_the_right_kind(commune: Commune) -> None:
    stranger = commune.stranger()
    for name, kind in (
        ("loa.css", "text/css"),
        ("now.js", "text/javascript"),
        ("forms.js", "text/javascript"),
    ):
        answer = stranger.get(f"/static/{name}")
        assert answer.status_code == 200
        assert answer.mimetype == kind
    css = stranger.get("/static/loa.css").text
    assert "url(" not in css, "nothing is fetched that is not there"
    assert "@import" not in css
