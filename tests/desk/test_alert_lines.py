"""The rounds the board counts are those that units sound."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.desk.alertlines import rounds_of
from broadcaster.domain.alert import Alert, AlertCall, Message, Status, rounds
from broadcaster.domain.names import AlertId, ClipId, CueId
from broadcaster.domain.plan import Clip
from tests.desk.village import NOON, flood

SECOND = timedelta(seconds=1)

seconds = st.integers(0, 120).map(lambda s: timedelta(seconds=s))


@given(
    st.integers(1, 20),
    seconds,
    st.integers(1, 90 * 48_000),
    st.none() | st.tuples(st.integers(60, 3_600), st.integers(1, 7_200)),
    st.integers(0, 9_000),
)
def test_the_board_counts_the_rounds_that_units_go_by(
    repeats: int, gap: timedelta, frames: int, again: tuple[int, int] | None, after: int
) -> None:
    every = None if again is None else again[0] * SECOND
    until = None if again is None else NOON + again[1] * SECOND
    call = AlertCall(
        cue=CueId("kc-1@2026-11-21T12:00:00"),
        version=1,
        title="Lũ",
        severity=flood().severity,
        start=NOON,
        expires=NOON + timedelta(hours=2),
        clips=(Clip(id=ClipId("a" * 64), frames=frames, joins=False),),
        repeats=repeats,
        gap=gap,
        every=every,
        until=until,
    )
    meant = rounds(call, NOON)
    alert = replace(sent_at_noon(), repeats=repeats, gap=gap, every=every, until=until)
    now = NOON + after * SECOND
    counted = rounds_of(alert, meant[0].whole, now)
    assert counted.meant == len(meant)
    assert counted.begun == sum(cue.start <= now for cue in meant)
    assert counted.ends == meant[-1].start + meant[-1].whole


def sent_at_noon() -> Alert:
    return Alert(
        id=AlertId("kc-1"),
        version=1,
        status=Status.ACTUAL,
        message=Message.ALERT,
        title="Lũ",
        severity=flood().severity,
        zones=("all",),
        by="minh",
        asked=NOON,
        expires=NOON + timedelta(hours=2),
        fires_at=NOON,
        template=AlertId("lu-lut"),
        start=NOON,
    )
