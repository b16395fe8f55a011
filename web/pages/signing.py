"""Đăng nhập: signing in and out."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from broadcaster.desk import NotAllowed
from web.session import desk, safe_next, station
from web.words import fault_words

pages = Blueprint("signing", __name__)


@pages.get("/dang-nhap")
def sign_in() -> ResponseReturnValue:
    return render_template("sign_in.html", next=request.args.get("next", ""))


@pages.post("/dang-nhap")
def signed_in() -> ResponseReturnValue:
    login, back = request.form.get("login", ""), request.form.get("next", "")
    try:
        person = desk().sign_in(
            login, request.form.get("password", ""), source=request.remote_addr or ""
        )
    except NotAllowed as fault:
        wrong = fault_words(fault, station().desk.folder.station)
        return render_template("sign_in.html", next=back, login=login, wrong=wrong), 403
    session.clear()
    session.permanent = True
    session["login"] = person.login
    return redirect(safe_next(back))


@pages.post("/dang-xuat")
def sign_out() -> ResponseReturnValue:
    session.clear()
    return redirect(url_for("signing.sign_in"))
