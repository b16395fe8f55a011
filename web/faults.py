"""What people see when something cannot be done: a sentence and a way on, never a traceback."""

from flask import Flask, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from broadcaster.desk import DeskFault, NotAllowed, NotFound
from broadcaster.folder import BadFolder
from broadcaster.store import StoreBusy, StoreFault
from web.session import station
from web.words import fault_words

__all__ = ["register"]


def register(app: Flask) -> None:
    app.register_error_handler(DeskFault, _desk)
    app.register_error_handler(StoreFault, _store)
    app.register_error_handler(BadFolder, _folder)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(HTTPException, _http)


def _page(title: str, sentence: str, status: int) -> ResponseReturnValue:
    return render_template("fault.html", title=title, sentence=sentence), status


def _desk(fault: DeskFault) -> ResponseReturnValue:
    status = 403 if isinstance(fault, NotAllowed) else 404 if isinstance(fault, NotFound) else 400
    return _page("Chưa làm được", fault_words(fault, station().desk.folder.station), status)


def _store(fault: StoreFault) -> ResponseReturnValue:
    words = (
        "Máy chủ đang bận ghi việc khác. Chưa có gì thay đổi; chờ một lát rồi thử lại."
        if isinstance(fault, StoreBusy)
        else f"Máy chủ không ghi được. Báo cho người quản trị: {fault}"
    )
    return _page("Chưa ghi được", words, 503)


def _folder(fault: BadFolder) -> ResponseReturnValue:
    text = f"Tệp station.toml đang có lỗi: {fault.faults[0]}"
    return f'<!doctype html><html lang="vi"><meta charset="utf-8"><title>Lỗi</title><p>{text}', 503


def _stale(fault: CSRFError) -> ResponseReturnValue:
    flash("Trang này mở đã lâu nên chưa gửi được. Xem lại và bấm lần nữa.", "bad")
    return redirect(request.referrer if _ours(request.referrer) else url_for("today.show"))


def _ours(address: str | None) -> bool:
    return address is not None and address.startswith(request.host_url)


def _http(fault: HTTPException) -> ResponseReturnValue:
    titles = {
        404: ("Không có trang này", "Địa chỉ không đúng, hoặc trang đã được chuyển đi."),
        405: ("Không làm được ở đây", "Quay lại trang trước và bấm nút trên trang đó."),
        413: ("Tệp lớn quá", "Tệp nhiều nhất 400 MB. Hãy cắt bớt hoặc chọn tệp nhỏ hơn."),
        500: ("Máy chủ gặp lỗi", "Việc vừa rồi có thể chưa xong. Xem lại, và báo cho người quản trị."),
    }
    code = fault.code or 500
    if code < 400:
        return fault
    title, sentence = titles.get(code, ("Chưa làm được", fault.description or ""))
    return _page(title, sentence, code)
