"""A year of a large commune worked out: 33 villages, 40 programmes, 366 days.

Each programme falls once a day, every 25 minutes from 05:00, and has a chime, words, bulletins and
five minutes more.
`to_all`: each is for the whole commune, so 33 × 40 × 366 = 483,120 things to be heard. `by_parts`: each is
for three villages of its own, so that few zones hear the same day. `in_a_row`: each begins a minute after
the one before and lasts five, so that nearly every cue clashes and is told of.
"""

import gc
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from time import perf_counter
from zoneinfo import ZoneInfo

from broadcaster.domain.instants import WEEKDAYS, Spell
from broadcaster.domain.names import ProgrammeId, StationId, ZoneId
from broadcaster.domain.places import Station, Zone
from broadcaster.domain.programme import Bulletins, Chime, Pause, Programme, Rank, Spoken
from broadcaster.domain.quiet import AllowedHours
from broadcaster.domain.rundown import estimated, work_out
from tests.bench._figure import Figure, Figures

VILLAGES = 33
PROGRAMMES = 40
DAYS = 366
ROUNDS = 5
FIRST = date(2028, 1, 1)  # a leap year

_ITEMS = (
    Chime(name="opening"),
    Spoken(words="Đài truyền thanh xã Đồng Tiến xin kính chào bà con."),
    Bulletins(),
    Pause(length=timedelta(minutes=5)),
)


def station() -> Station:
    commune = Zone(id=ZoneId("xa"), name="Xã Đồng Tiến")
    villages = [Zone(id=ZoneId(f"thon-{n}"), name=f"Thôn {n}", parent=commune.id) for n in range(VILLAGES)]
    return Station(
        id=StationId("dong-tien"),
        name="Đài truyền thanh xã Đồng Tiến",
        timezone=ZoneInfo("Asia/Ho_Chi_Minh"),
        language="vi",
        voices=("espeak-ng",),
        zones=(commune, *villages),
        allowed=(AllowedHours(days=frozenset(WEEKDAYS), begin=time(5), end=time(22)),),
    )


def programme(number: int, zones: tuple[str, ...], apart: int = 25) -> Programme:
    minutes = 5 * 60 + apart * number
    return Programme(
        id=ProgrammeId(f"ban-tin-{number}"),
        title=f"Bản tin {number}",
        rank=Rank.PRIORITY if number % 10 == 0 else Rank.ORDINARY,
        zones=zones,
        days=frozenset(WEEKDAYS),
        at=(time(minutes // 60, minutes % 60),),
        items=_ITEMS,
    )


def seconds_for(programmes: list[Programme]) -> float:
    """Median of several runs, each from nothing."""
    here = station()
    begin = datetime.combine(FIRST, time(), here.timezone).astimezone(UTC)
    year = Spell(begin=begin, end=begin + timedelta(days=DAYS))
    taken = []
    for _ in range(ROUNDS):
        gc.collect()
        started = perf_counter()
        rundown = work_out(here, programmes, (), {}, year, estimated)
        taken.append(perf_counter() - started)
        if len(rundown.cues) != PROGRAMMES * DAYS:
            raise RuntimeError(f"{len(rundown.cues)} cues came out, not {PROGRAMMES * DAYS}")
    return median(taken)


def measure() -> Figures:
    to_all = seconds_for([programme(n, ("all",)) for n in range(PROGRAMMES)])
    by_parts = seconds_for(
        [
            programme(n, tuple(f"thon-{(n + step) % VILLAGES}" for step in (0, 7, 19)))
            for n in range(PROGRAMMES)
        ]
    )
    in_a_row = seconds_for([programme(n, ("all",), apart=1) for n in range(PROGRAMMES)])
    return {
        "year_to_all_villages": Figure(value=to_all, unit="s", hold="<= 2"),
        "year_to_three_villages_each": Figure(value=by_parts, unit="s", hold="<= 2"),
        "year_of_clashes": Figure(value=in_a_row, unit="s", note="nobody's year: nothing to hold"),
        "cues_a_second": Figure(value=PROGRAMMES * DAYS / to_all, unit="1/s"),
    }
