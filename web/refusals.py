"""Why something was not done, and what to do, in Vietnamese: the desk's faults by their stable codes."""

from datetime import timedelta

from flask import Flask

from broadcaster.desk import BadEntry, DeskFault, WaitToSignIn, alertentries
from broadcaster.desk.entries import TITLE_LIMIT, WORDS_LIMIT
from broadcaster.domain.places import Station
from broadcaster.folder import Fault as FileFault
from broadcaster.folder.audio import BadAudio
from broadcaster.hub.preparation import CannotMake
from broadcaster.sound.faults import BadSound, NoRoom
from broadcaster.sound.faults import Fault as SoundFault
from broadcaster.speech import NoVoice
from web.areas import hours
from web.words import lasting

__all__ = ["REFUSALS", "SOUNDS", "cannot_make", "file_fault", "refusal", "register"]


def _counted(number: int) -> str:
    return f"{number:,}".replace(",", ".")


_MOST = _counted(WORDS_LIMIT)

_FIELDS = {
    ("empty", "title"): "Chưa có tiêu đề. Hãy viết một dòng ngắn.",
    ("empty", "name"): "Chưa có tên. Hãy viết tên.",
    ("empty", "why"): "Chưa viết lý do trả lại. Hãy viết để người soạn biết phải sửa gì.",
    (
        "too-long",
        "words",
    ): f"Dài quá. Mỗi bản tin nhiều nhất {_MOST} chữ cái; hãy chia làm nhiều bản tin.",
    ("changed-since", "template"): "Có người vừa sửa mẫu này. Mở lại mẫu, xem nội dung mới rồi làm tiếp.",
    ("control-characters", "name"): "Tên tệp có ký tự lạ. Hãy đổi tên tệp rồi chọn lại.",
}

REFUSALS = {
    "alert-too-long": (
        f"Dài quá. Lời khẩn cấp gõ khi phát nhiều nhất {_counted(alertentries.WORDS_LIMIT)} chữ cái, "
        f"lời trong mẫu nhiều nhất {_counted(alertentries.TEMPLATE_LIMIT)}. Chỉ cần nói: chuyện gì, ở đâu, "
        "bà con phải làm gì."
    ),
    "already-raised": "Có người vừa phát tin này rồi. Xem tin đó trước; nếu vẫn cần, bấm nút lần nữa.",
    "approval-needed": "Đài này phải duyệt trước khi phát. Hãy soạn bản tin rồi gửi duyệt.",
    "bad-code": "Mã gồm sáu chữ số mà cụm loa đọc lên.",
    "bad-every": "Khoảng nhắc lại phải dài hơn một lượt đọc. Chọn thưa hơn.",
    "bad-expires": "Tin khẩn cấp có hiệu lực nhiều nhất ba ngày.",
    "bad-field": "Có mục viết sai kiểu. Xem lại từng mục.",
    "bad-language": "Mã thứ tiếng viết như vi hoặc en.",
    "bad-gap": "Khoảng nghỉ giữa hai lượt từ 0 giây đến một giờ.",
    "bad-id": "Trang này đã cũ. Mở lại trang rồi làm lại.",
    "bad-login": "Tên đăng nhập là số điện thoại, hoặc chữ thường không dấu và số.",
    "bad-place": "Vị trí này không còn trong buổi. Tải lại trang.",
    "bad-rank": "Chọn thông thường hoặc ưu tiên.",
    "bad-repeats": "Đọc từ 1 đến 20 lần.",
    "bad-template": "Mẫu này chưa dùng được. Xem lại từng mục, rồi lưu lại.",
    "bad-until": "Giờ thôi nhắc lại phải sau bây giờ và trước khi tin hết hiệu lực.",
    "bad-volume": "Âm lượng từ −60 đến 0 dB.",
    "changed-meanwhile": "Có người vừa thay đổi tin này. Xem lại rồi làm tiếp.",
    "changed-since": "Có người vừa sửa bản tin này. Xem lại nội dung mới rồi làm tiếp.",
    "code-twice": "Hai cụm loa đọc cùng một mã. Tắt bật lại một cụm rồi thử lại.",
    "control-characters": "Có ký tự lạ không đọc được. Hãy gõ lại đoạn vừa dán.",
    "disabled": "Tài khoản này đã bị khoá. Báo cho người quản trị.",
    "empty": "Chưa có nội dung để đọc. Hãy gõ ít nhất một từ.",
    "every-and-until": "Chọn cả khoảng nhắc lại và nhắc trong bao lâu.",
    "hub-refused": "Trung tâm không nhận lệnh này. Loa chưa kêu. Gọi điện báo ngay.",
    "id-taken": "Việc này đã được làm từ một trang khác. Mở lại trang rồi xem lại.",
    "last-admin": "Đây là người quản trị cuối cùng. Cử người khác trước đã.",
    "login-taken": "Tên đăng nhập này đã có người dùng. Chọn tên khác.",
    "no-file": "Chưa chọn tệp ghi âm. Bấm vào ô chọn tệp, rồi chọn một tệp âm thanh.",
    "no-roles": "Chọn ít nhất một vai trò.",
    "no-room": "Máy chủ sắp hết chỗ chứa. Báo cho người quản trị dọn bớt rồi thử lại.",
    "no-slot": "Chương trình này không nhận bản tin vào giờ đó. Chọn buổi khác.",
    "no-such-alert": "Không tìm thấy tin khẩn cấp này.",
    "no-such-announcement": "Không tìm thấy thông báo này.",
    "no-such-booking": "Bản tin không còn trong buổi này.",
    "no-such-bulletin": "Không tìm thấy bản tin này.",
    "no-such-chime": "Không tìm thấy nhạc hiệu này trong máy.",
    "no-such-cue": "Không tìm thấy chương trình này.",
    "no-such-drill": "Không tìm thấy buổi diễn tập này.",
    "no-such-person": "Không tìm thấy người này.",
    "no-such-recording": "Không tìm thấy tệp ghi âm trong máy. Hãy chọn tệp và gửi lại.",
    "no-such-slot": "Không tìm thấy buổi phát này. Chọn buổi khác.",
    "no-such-template": "Không tìm thấy mẫu này. Chọn mẫu khác.",
    "no-such-unit": "Không tìm thấy cụm loa này.",
    "no-time": "Chưa chọn đủ ngày và giờ. Ví dụ 21/11/2026, 17:30.",
    "no-voice": "Đài chưa có giọng đọc thứ tiếng này. Ghi âm lời rồi ghi tên bản ghi vào tệp của mẫu.",
    "no-zones": "Chưa chọn nơi phát. Chọn ít nhất một nơi.",
    "not-allowed": "Bạn không được giao việc này. Nhờ người được giao, hoặc người quản trị.",
    "not-json": "Nội dung gửi lên phải là JSON, một đối tượng.",
    "not-on-air": "Tin này chưa phát. Bấm Huỷ, hoặc chờ phát rồi mới đính chính.",
    "not-own": "Bạn chỉ làm được việc này với bài của mình và địa bàn của mình.",
    "not-sent": "Máy chủ không ghi được và trung tâm chưa trả lời. Loa chưa kêu. Gọi điện báo ngay.",
    "not-written": "Máy chủ không ghi được tệp của mẫu. Báo cho người quản trị.",
    "not-your-zones": "Bạn không được phát khẩn cấp ở những nơi này. Chọn nơi mình được giao.",
    "nothing-new": "Chưa có gì khác. Sửa chữ rồi phát, hoặc bấm Phát lại.",
    "nothing-to-say": "Chưa có gì để phát. Chọn mẫu, gõ chữ hoặc ghi âm.",
    "only-a-drill": "Đây là buổi diễn tập. Dừng, hoặc để nó tự hết.",
    "outside-hours": "Giờ này không được phát.",
    "over": "Tin này đã hết hiệu lực. Nếu cần thì phát tin mới.",
    "own-words": "Không tự duyệt bài của mình. Nhờ lãnh đạo khác duyệt.",
    "password-is-login": "Mật khẩu không được giống tên đăng nhập.",
    "password-long": "Mật khẩu dài quá.",
    "password-short": "Mật khẩu ngắn quá, cần ít nhất 8 ký tự.",
    "past": "Giờ phát đã qua. Chọn một giờ sau bây giờ.",
    "same-person": "Người đồng ý phải là người khác. Nhờ người đó mở máy và bấm Đồng ý.",
    "slot-closed": "Buổi này đã chốt danh sách. Chọn buổi sau.",
    "too-far": "Ngày phát xa quá. Chọn một ngày trong vòng một năm.",
    "too-late": "Lệnh đến muộn, hoặc tin đã lên loa. Xem lại rồi bấm lần nữa.",
    "too-long": f"Dài quá. Viết nhiều nhất {TITLE_LIMIT} chữ cái.",
    "too-often": "Nhắc lại nhiều lượt quá. Chọn thưa hơn hoặc ngắn hơn.",
    "unknown-code": "Không có cụm loa nào đang đọc mã này. Nghe lại và gõ đúng sáu số.",
    "unknown-template": "Mẫu này không còn. Chọn mẫu khác.",
    "unknown-unit": "Cụm loa này không thuộc nơi phát của tin. Tải lại trang.",
    "unknown-zone": "Nơi phát này không còn trong danh sách. Chọn nơi khác.",
    "words-or-recording": "Gõ chữ hoặc chọn một tệp ghi âm, chỉ một trong hai.",
    "wrong-password": "Sai tên đăng nhập hoặc mật khẩu. Gõ lại.",
    "wrong-step": "Bản tin đang ở bước khác. Xem lại rồi làm tiếp.",
    "zone-needed": "Cán bộ thôn phải có địa bàn. Chọn địa bàn.",
    "zone-unasked": "Chỉ cán bộ thôn mới có địa bàn riêng.",
}

SOUNDS: dict[SoundFault, str] = {
    SoundFault.EMPTY: "Tệp này rỗng. Hãy chép lại từ máy đã ghi.",
    SoundFault.NOT_SOUND: (
        "Tệp này không phải âm thanh, hoặc chép chưa hết. Chọn đúng tệp ghi âm (MP3, WAV, M4A, OGG)."
    ),
    SoundFault.NO_SOUND: "Tệp này không có tiếng. Chọn một tệp ghi âm.",
    SoundFault.CUT_OFF: "Tệp này bị đứt, chép chưa hết. Hãy chép lại từ máy đã ghi.",
    SoundFault.DAMAGED: "Tệp này hỏng một đoạn. Hãy chép lại từ máy đã ghi.",
    SoundFault.TOO_LONG: "Bản ghi dài quá. Hãy cắt làm nhiều phần.",
    SoundFault.ODD_SHAPE: "Tệp này ghi theo kiểu lạ. Lưu lại thành MP3 hoặc WAV rồi thử lại.",
    SoundFault.SILENT: "Bản ghi không nghe thấy gì. Ghi lại, đưa micro gần hơn.",
    SoundFault.UNDECODABLE: "Máy không đọc được tệp này. Lưu lại thành MP3 hoặc WAV rồi thử lại.",
}

_SOUND = "bad-sound-"


def refusal(fault: DeskFault, station: Station) -> str:
    """Why it was not done, and what to do. A code nobody translated is told as the desk says it."""
    if isinstance(fault, WaitToSignIn):
        pause = lasting(timedelta(seconds=fault.seconds))
        return f"Sai mật khẩu quá nhiều lần. Chờ {pause} rồi thử lại."
    if fault.code.startswith(_SOUND):
        return SOUNDS[SoundFault(fault.code.removeprefix(_SOUND))]
    field = fault.field if isinstance(fault, BadEntry) else ""
    known = _FIELDS.get((fault.code, field)) or REFUSALS.get(fault.code) or str(fault)
    if fault.code == "outside-hours" and station.allowed:
        return f"{known} Đài được phát {hours(station)}."
    return known


def cannot_make(fault: CannotMake) -> str:
    """Why there is no sound to hear."""
    match fault.__cause__:
        case BadSound(fault=kind):
            return SOUNDS[kind]
        case BadAudio():
            return REFUSALS["no-such-recording"]
        case NoRoom():
            return REFUSALS["no-room"]
        case NoVoice(later=True):
            return "Chưa giọng đọc nào dùng được lúc này. Chờ vài phút rồi thử lại."
        case NoVoice():
            return "Không giọng đọc nào đọc được đoạn này. Hãy gõ lại, hoặc dùng tệp ghi âm."
        case _:
            return "Không tạo được âm thanh. Báo cho người quản trị."


def file_fault(fault: FileFault) -> str:
    """Which place of which file is wrong; what exactly is for whoever mends it with `broadcaster check`."""
    key = f", mục “{fault.key}”" if fault.key else ""
    return f"Tệp {fault.file} có lỗi ở dòng {fault.line}{key}."


def register(app: Flask) -> None:
    """Give to the templates what they tell by themselves."""
    app.add_template_filter(file_fault)
