"""What the pages of a raised alert and of a running drill share: looking it up, and telling it again only
when something changed."""

from flask import make_response, request
from werkzeug.wrappers import Response

from broadcaster.desk import NotFound
from broadcaster.desk.alertreports import AlertReport
from broadcaster.domain.alert import Status
from web.session import alert_board, board, desk, present

__all__ = ["conditional", "needed_report"]


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
