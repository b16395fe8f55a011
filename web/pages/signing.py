"""Đăng nhập: signing in and out."""

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from broadcaster.desk import NotAllowed, WaitToSignIn
from web.refusals import refusal
from web.session import came_from, desk, here, safe_next
from web.session import sign_in as open_session

pages = Blueprint("signing", __name__)


@pages.get("/dang-nhap")
def sign_in() -> ResponseReturnValue:
    here()  # a station that cannot be opened says so at the door
    back = request.args.get("next", "")
    if g.person is not None:
        return redirect(safe_next(back))
    return render_template("sign_in.html", next=back)


@pages.post("/dang-nhap")
def signed_in() -> ResponseReturnValue:
    login, back = request.form.get("login", ""), request.form.get("next", "")
    try:
        person = desk().sign_in(login, request.form.get("password", ""), source=came_from())
    except NotAllowed as fault:
        status = 429 if isinstance(fault, WaitToSignIn) else 403
        wrong = refusal(fault, here())
        return render_template("sign_in.html", next=back, login=login, wrong=wrong), status
    open_session(person)
    return redirect(safe_next(back))


@pages.post("/dang-xuat")
def sign_out() -> ResponseReturnValue:
    session.clear()
    return redirect(url_for("signing.sign_in"))
