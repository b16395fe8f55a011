"""What people see when something cannot be done: a sentence and a way on, never a traceback."""

import errno

from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from broadcaster.desk import DeskFault, NotAllowed, NotFound, NotSent, WaitToSignIn
from broadcaster.folder import BadFolder
from broadcaster.store import StoreBusy, StoreFault, StoreFull
from web.refusals import REFUSALS, file_fault, refusal
from web.session import LONGEST_UPLOAD, SignedOut, here, wants_json

__all__ = ["fault_status", "register"]

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)

_HTTP = {
    404: ("Không có trang này", "Địa chỉ không đúng, hoặc trang đã được chuyển đi."),
    405: ("Không làm được ở đây", "Quay lại trang trước và bấm nút trên trang đó."),
    500: ("Máy chủ gặp lỗi", "Việc vừa rồi có thể chưa xong. Xem lại, và báo cho người quản trị."),
}

_TYPED = ("title", "words", "why")


def register(app: Flask) -> None:
    """Have every foreseen fault told on a page of ours."""
    app.register_error_handler(DeskFault, _desk)
    app.register_error_handler(StoreFault, _store)
    app.register_error_handler(BadFolder, _folder)
    app.register_error_handler(SignedOut, _signed_out)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(OSError, _system)
    app.register_error_handler(HTTPException, _http)


def fault_status(fault: DeskFault) -> int:
    """The HTTP status of what the desk did not do."""
    match fault:
        case WaitToSignIn():
            return 429
        case NotAllowed():
            return 403
        case NotFound():
            return 404
        case NotSent():
            return 503
        case _:
            return 409 if fault.code in ("changed-meanwhile", "already-raised", "id-taken") else 400


def _page(title: str, sentence: str, status: int, *, code: str, keep: bool = False) -> ResponseReturnValue:
    """`keep`: show again what was typed, so that nobody has to type it twice. A program, or a script of ours,
    gets `code` and sentence as JSON."""
    if request.path.startswith("/api/") or wants_json():
        return {"code": code, "sentence": sentence}, status
    typed = [text for name in _TYPED if (text := request.form.get(name, "").strip())] if keep else []
    return render_template("fault.html", title=title, sentence=sentence, typed=typed), status


def _desk(fault: DeskFault) -> ResponseReturnValue:
    keep = request.method == "POST"
    return _page("Chưa làm được", refusal(fault, here()), fault_status(fault), code=fault.code, keep=keep)


def _store(fault: StoreFault) -> ResponseReturnValue:
    match fault:
        case StoreBusy():
            code = "store-busy"
            words = "Máy chủ đang bận ghi việc khác. Chưa có gì thay đổi; chờ một lát rồi thử lại."
        case StoreFull():
            code, words = "no-room", REFUSALS["no-room"]
        case _:
            code = "store-fault"
            words = "Máy chủ không mở được sổ ghi của đài. Báo cho người quản trị: chạy broadcaster doctor."
    return _page("Chưa ghi được", words, 503, code=code, keep=request.method == "POST")


def _folder(fault: BadFolder) -> ResponseReturnValue:
    words = (
        f"{file_fault(fault.faults[0])} Sửa tệp rồi tải lại trang; lệnh broadcaster check chỉ ra từng chỗ."
    )
    return _page("Đài chưa mở được", words, 503, code="bad-folder")


def _signed_out(_: SignedOut) -> ResponseReturnValue:
    words = "Chưa có gì thay đổi. Đăng nhập lại rồi gửi lại."
    return _page("Đã hết phiên làm việc", words, 403, code="signed-out", keep=True)


def _stale(_: CSRFError) -> ResponseReturnValue:
    if g.get("person") is None and request.endpoint != "signing.signed_in":
        return _signed_out(SignedOut())
    words = "Trang này mở đã lâu nên chưa gửi được. Chưa có gì thay đổi; mở lại trang rồi gửi lại."
    return _page("Chưa gửi được", words, 400, code="stale-page", keep=True)


def _system(fault: OSError) -> ResponseReturnValue:
    if fault.errno not in _NO_SPACE:
        raise fault
    return _page("Chưa ghi được", REFUSALS["no-room"], 507, code="no-room")


def _http(fault: HTTPException) -> ResponseReturnValue:
    code = fault.code or 500
    if code < 400:
        return fault
    if code == 413:
        return _page("Gửi nhiều quá", _too_much(), 413, code="too-much")
    title, sentence = _HTTP.get(code, ("Chưa làm được", "Quay lại trang trước rồi thử lại."))
    return _page(title, sentence, code, code=f"http-{code}")


def _too_much() -> str:
    if (request.content_length or 0) > LONGEST_UPLOAD:
        most = LONGEST_UPLOAD // 1024 // 1024
        return f"Tệp nhiều nhất {most} MB. Cắt làm nhiều phần hoặc lưu thành MP3, rồi quay lại trang trước."
    return "Đoạn chữ dài quá. Quay lại trang trước và chia làm nhiều bản tin."
