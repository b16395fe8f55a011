"""Strategies: any programmes for any zones; stations with hours, quiet spells and a change of the clock."""

from hypothesis import strategies as st

from broadcaster.domain.programme import Programme, Rank, StartMode
from tests.domain.villages import BERLIN, EVERY_DAY, MINUTE, commune, day, hours, programme, quiet

minutes_of_day = st.integers(0, 24 * 60 - 1)


@st.composite
def programmes(draw: st.DrawFn) -> list[Programme]:
    """Up to six programmes, at any time, of any length and rank, for any zones."""
    return [
        programme(
            f"p{n}",
            *{f"{at // 60:02}:{at % 60:02}" for at in draw(st.sets(minutes_of_day, min_size=1, max_size=3))},
            minutes=draw(st.integers(1, 90)),
            rank=draw(st.sampled_from([Rank.FILL, Rank.ORDINARY, Rank.PRIORITY])),
            start=draw(st.sampled_from(StartMode)),
            days=draw(st.frozensets(st.sampled_from(sorted(EVERY_DAY)), min_size=1)),
            zones=tuple(draw(st.sets(st.sampled_from(["all", "xa", "thon-ben", "thon-dinh"]), min_size=1))),
            max=draw(st.none() | st.integers(1, 60).map(lambda n: n * MINUTE)),
        )
        for n in range(draw(st.integers(1, 6)))
    ]


STATIONS = st.sampled_from(
    [
        commune(),
        commune(allowed=(hours("05:00", "06:30"), hours("17:00", "19:00"))),
        commune(
            timezone=BERLIN,
            allowed=(hours("01:00", "04:00"),),
            quiet=(quiet("2027-03-28 02:10", "2027-03-28 02:50", "thon-ben"),),
        ),
    ]
)
SPRING = day("2027-03-26", days=4, timezone=BERLIN)
