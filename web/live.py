"""What the pages of a raised alert and of a running drill share: looking it up, and telling it again only
when something changed."""

from flask import flash, make_response, request
from werkzeug.wrappers import Response

from broadcaster.desk import AlertAct, NotFound
from broadcaster.desk.alertreports import AlertReport
from broadcaster.domain.alert import Alert, Status
from web.session import alert_board, board, desk, present

__all__ = ["conditional", "needed_report", "told_of"]


def needed_report(alert: str, status: Status) -> AlertReport:
    """The alert of that id and status. Raises NotFound: a drill is no alert, and an alert no drill."""
    now = present()
    report = alert_board().alert(alert, board().units(now), now, desk().known(alert))
    if report is None or report.alert.status is not status:
        raise NotFound("drill" if status is Status.EXERCISE else "alert", alert)
    return report


def conditional(text: str) -> Response:
    """A moving part; not sent again to who has it (`If-None-Match`). `X-Now` is this machine's clock, in ms
    since 1970, so that what ticks on a phone goes by it."""
    response = make_response(text)
    response.add_etag()
    response.headers["X-Now"] = str(int(present().timestamp() * 1000))
    return response.make_conditional(request)


def told_of(act: AlertAct) -> Alert:
    """What was done; the person is told when the store did not take it, and the hub has it all the same."""
    if act.handed_over:
        flash("Sổ ghi của đài đang bận hoặc hết chỗ. Trung tâm đã nhận thẳng lệnh này. Báo kỹ thuật.", "warn")
    return act.alert
