"""Who gets in, how long they stay in, and what travels with them."""

from datetime import timedelta

import pytest

from broadcaster.domain.people import Role
from tests.web.commune import Commune, Visitor


def signed_in(visitor: Visitor) -> bool:
    return visitor.get("/").status_code == 200


def test_an_editor_signs_in_and_comes_to_the_page_they_asked_for(commune: Commune) -> None:
    visitor = commune.stranger()
    asked = visitor.get("/nhat-ky/?ngay=2026-11-20")
    assert asked.status_code == 302
    assert asked.location == "/dang-nhap?next=/nhat-ky/?ngay%3D2026-11-20"
    form = visitor.get(asked.location)
    assert 'name="next" value="/nhat-ky/?ngay=2026-11-20"' in form.text
    answer = visitor.sign_in("editor", next="/nhat-ky/?ngay=2026-11-20")
    assert answer.location == "/nhat-ky/?ngay=2026-11-20"
    assert "Người editor" in visitor.get("/").text


def test_somebody_signed_in_is_not_asked_again(commune: Commune) -> None:
    assert commune.at_desk().get("/dang-nhap?next=/cum-loa/").location == "/cum-loa/"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "evil.example",
    ],
)
def test_after_signing_in_nobody_is_sent_to_another_site(commune: Commune, elsewhere: str) -> None:
    assert commune.stranger().sign_in("editor", next=elsewhere).location == "/"


def test_a_wrong_password_is_told_without_telling_which_was_wrong(commune: Commune) -> None:
    wrong = commune.stranger().sign_in("editor", "khong-phai")
    nobody = commune.stranger().sign_in("khong-co-ai", "khong-phai")
    assert wrong.status_code == nobody.status_code == 403
    for answer in (wrong, nobody):
        assert "Sai tên đăng nhập hoặc mật khẩu" in answer.text
    assert 'value="editor"' in wrong.text, "what was typed is shown again"
    assert "khong-phai" not in wrong.text, "but never the password"


def test_after_some_failures_people_are_told_how_long_to_wait(commune: Commune) -> None:
    visitor = commune.stranger()
    answers = [visitor.sign_in("editor", "khong-phai").status_code for _ in range(6)]
    assert answers == [403] * 5 + [429]
    answer = visitor.sign_in("editor")
    assert answer.status_code == 429, "even with the right password"
    assert "Chờ 30 giây rồi thử lại" in answer.text
    commune.present += timedelta(seconds=31)
    assert visitor.sign_in("editor").status_code == 302


def test_behind_a_proxy_one_stranger_does_not_make_the_others_wait(commune: Commune) -> None:
    def attempt(source: str) -> int:
        visitor = commune.stranger()
        visitor.get("/dang-nhap")
        return visitor.browser.post(
            "/dang-nhap",
            data={"csrf_token": visitor.token, "login": "editor", "password": "khong-phai"},
            headers={"X-Forwarded-For": f"1.2.3.4, {source}"},
        ).status_code

    assert [attempt("203.0.113.7") for _ in range(6)][-1] == 429
    assert attempt("203.0.113.8") == 403


def test_nobody_outside_can_say_which_address_they_come_from(commune: Commune) -> None:
    def attempt(number: int) -> int:
        visitor = commune.stranger()
        visitor.get("/dang-nhap")
        return visitor.browser.post(
            "/dang-nhap",
            data={"csrf_token": visitor.token, "login": "editor", "password": "khong-phai"},
            headers={"X-Forwarded-For": f"10.0.0.{number}"},
            environ_overrides={"REMOTE_ADDR": "203.0.113.7"},
        ).status_code

    assert [attempt(number) for number in range(6)][-1] == 429


def test_signing_out_ends_the_session(commune: Commune) -> None:
    visitor = commune.at_desk()
    assert visitor.post("/dang-xuat").location == "/dang-nhap"
    assert not signed_in(visitor)


def test_a_closed_account_is_out_at_once_and_told_so_at_the_door(commune: Commune) -> None:
    visitor = commune.at_desk()
    commune.desk.disable_person(commune.people[Role.ADMIN], "editor")
    assert visitor.get("/ban-tin/").status_code == 302
    answer = visitor.sign_in("editor")
    assert answer.status_code == 403
    assert "đã bị khoá" in answer.text


def test_a_new_password_ends_every_session_made_with_the_old_one(commune: Commune) -> None:
    visitor, other = commune.at_desk(), commune.at_desk(Role.APPROVER)
    commune.desk.set_password(commune.people[Role.ADMIN], "editor", "mật khẩu mới tinh")
    assert not signed_in(visitor)
    assert signed_in(other)
    assert visitor.sign_in("editor", "mật khẩu mới tinh").status_code == 302


def test_what_was_typed_when_the_session_ended_is_shown_again(commune: Commune) -> None:
    visitor = commune.at_desk()
    commune.desk.disable_person(commune.people[Role.ADMIN], "editor")
    answer = visitor.post("/ban-tin/soan", title="Họp", words="Mời bà con <b>họp</b> thôn.", how="words")
    assert answer.status_code == 403
    assert "Mời bà con &lt;b&gt;họp&lt;/b&gt; thôn." in answer.text
    assert commune.station.store.bulletins.list() == ()


def test_the_session_cookie_is_shut_in(commune: Commune) -> None:
    visitor = commune.stranger()
    cookie = visitor.sign_in("editor").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie, "there is no HTTPS on a commune's own network"


def test_by_https_the_cookie_travels_by_https_only(commune: Commune) -> None:
    answer = commune.stranger().get("/dang-nhap", base_url="https://dai.example")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_a_cookie_made_elsewhere_opens_nothing(commune: Commune) -> None:
    visitor = commune.at_desk()
    cookie = visitor.browser.get_cookie("truyenthanh")
    assert cookie is not None
    forged = commune.stranger()
    forged.browser.set_cookie("truyenthanh", cookie.value[:-2] + "xx")
    assert not signed_in(forged)


def test_the_key_of_the_cookies_is_kept_and_nobody_else_reads_it(commune: Commune) -> None:
    from web import create_app

    key = commune.folder / "state" / "panel.key"
    assert key.stat().st_mode & 0o077 == 0
    again = create_app(commune.folder)
    assert again.config["SECRET_KEY"] == commune.app.config["SECRET_KEY"]
    assert len(str(again.config["SECRET_KEY"])) == 64
