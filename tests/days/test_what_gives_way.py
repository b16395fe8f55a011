"""A crowded day: allowed hours, a funeral, overruns, and programmes that want the same minute.

What sounds is what the table of the playout says, and each loss has its reason.
"""

from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.domain.asrun import AsRunEntry, Outcome
from broadcaster.domain.instants import Spell
from broadcaster.domain.problems import ProblemKind
from tests.days.communes import HOURS, commune
from tests.days.hours import SAIGON, local
from tests.days.village import Village

FUNERAL = """
[[quiet]]
zones = ["thon-ben"]
from = 2026-11-23T16:00:00
to = 2026-11-24T04:00:00
"""

LENGTHS: dict[str, float] = {}


def programme(at: str, *items: str, rank: str = "ordinary", more: str = "") -> str:
    """A programme of every day; an item is its words, or `play` and `chime` lines."""
    told = "".join(f"\n[[item]]\n{item if '=' in item else f'say = {item!r}'}\n" for item in items)
    return f'title = "{at} {rank}"\nrank = "{rank}"\nzones = ["all"]\nat = ["{at}"]\n{more}\n{told}'


def lasting(words: str, **length: float) -> str:
    """Words that take so long to say."""
    LENGTHS[words] = timedelta(**length).total_seconds() - 1 / 48_000  # the studio adds a frame
    return words


MUSIC = 'play = "recordings/nhac.opus"'
LENGTHS["recordings/nhac.opus"] = 1200 - 1 / 48_000
HARD, GRACE_5 = 'start = "hard"', 'grace = "5m"'

PROGRAMMES = {
    "nham_gio": programme("03:15", lasting("nhầm giờ", minutes=5)),
    "nhac_sang": programme("05:00", MUSIC, rank="fill", more='late = "join"'),
    "tin_sang": programme("05:05", lasting("tin sáng", minutes=5)),
    "hop_xa": programme("06:00", lasting("họp xã", minutes=6), more=GRACE_5),
    "thoi_su": programme("06:00", lasting("thời sự", minutes=10), more=HARD),
    "dai": programme("06:11", *(lasting(f"đài {n}", seconds=40) for n in (1, 2, 3))),
    "uu_tien": programme("06:11:50", lasting("ưu tiên", seconds=30), rank="priority"),
    "keo_dai": programme("06:20", MUSIC),
    "doi": programme("06:25", lasting("đợi", minutes=1)),
    "chieu": programme("17:05", lasting("chiều", minutes=2)),
    "qua_dai": programme("17:30", lasting("quá dài", minutes=5), more='max = "2m"'),
    "ke_chuyen": programme("17:55", lasting("kể chuyện", minutes=10)),
    "tiep_am": programme("18:00", lasting("tiếp âm", minutes=2), more=HARD),
    "khan": programme("18:20", lasting("khẩn", minutes=5), rank="priority"),
    "dung_gio": programme("18:21", lasting("đúng giờ", minutes=1), more=HARD),
    "khong_doc": programme("18:28", lasting("không đọc được", seconds=9)),
    "doc_mot_nua": programme("18:30", 'chime = "opening"', "không đọc được"),
    "nen_a": programme("18:40", lasting("nền một", minutes=3), rank="fill"),
    "nen_b": programme("18:40", lasting("nền hai", minutes=3), rank="fill"),
}


@pytest.fixture
def village(disks: Path) -> Village:
    folder = commune(disks / "station", HOURS + FUNERAL, **PROGRAMMES)
    units = {"loa-xa": "xa", "loa-ben": "thon-ben"}
    fails = {"không đọc được": "no voice could speak"}
    return Village(folder, disks, local("00:00"), units=units, lengths=LENGTHS, fails=fails)


Told = tuple[Outcome, str, float, str]
"""Outcome, local time at which it began, seconds that sounded, reason."""


def told(entry: AsRunEntry) -> Told:
    began = entry.started.astimezone(SAIGON).time().isoformat() if entry.started else "never"
    return entry.outcome, began, round(entry.played.total_seconds(), 3), entry.reason


AIRED, PARTLY, CUT = Outcome.AIRED, Outcome.PARTLY_AIRED, Outcome.CUT_SHORT
REFUSED, SKIPPED = Outcome.REFUSED, Outcome.SKIPPED

WHAT_IS_HEARD: dict[str, Told] = {
    "nham-gio": (REFUSED, "never", 0, "outside the allowed hours"),
    "nhac-sang": (PARTLY, "05:00:00", 900, "900 of 1200 s sounded; 300 s jumped over"),
    "tin-sang": (AIRED, "05:05:00", 300, ""),
    "thoi-su": (AIRED, "06:00:00", 600, ""),
    "hop-xa": (SKIPPED, "never", 0, "it waited for the air as long as it may"),
    "dai": (AIRED, "06:11:00", 120, ""),
    "uu-tien": (AIRED, "06:12:20", 30, ""),
    "keo-dai": (CUT, "06:20:00", 600, "the allowed hours were over; 600 of 1200 s sounded"),
    "doi": (REFUSED, "never", 0, "the allowed hours ended while it waited"),
    "chieu": (AIRED, "17:05:00", 120, ""),
    "qua-dai": (PARTLY, "17:30:00", 120, "faded out at its longest time on air; 120 of 300 s sounded"),
    "ke-chuyen": (CUT, "17:55:00", 300, "gave way at the clock to 18:00 ordinary; 300 of 600 s sounded"),
    "tiep-am": (AIRED, "18:00:00", 120, ""),
    "khan": (AIRED, "18:20:00", 300, ""),
    "dung-gio": (SKIPPED, "never", 0, "it waited for the air as long as it may"),
    "khong-doc": (
        Outcome.NOT_READY,
        "never",
        0,
        "none of its clips was on the unit; left out: words “không đọc được”: no voice could speak",
    ),
    "doc-mot-nua": (
        PARTLY,
        "18:30:00",
        5,
        "5 of 5 s sounded; left out: words “không đọc được”: no voice could speak",
    ),
    "nen-a": (AIRED, "18:40:00", 180, ""),
    "nen-b": (AIRED, "18:43:00", 180, ""),
}


def test_on_a_crowded_day_what_sounds_is_what_the_table_says_and_each_loss_has_its_reason(
    village: Village,
) -> None:
    village.run_until(local("20:00"))
    today = Spell(begin=local("00:00"), end=local("20:00"))
    asrun = [entry for entry in village.asrun() if entry.planned in today]
    heard = {entry.cue.programme: told(entry) for entry in asrun if entry.unit == "loa-xa"}
    assert heard == WHAT_IS_HEARD
    in_mourning = {entry.cue.programme: told(entry) for entry in asrun if entry.unit == "loa-ben"}
    for name, one in list(in_mourning.items())[:9]:
        assert one == heard[name]
    for outcome, began, _, reason in list(in_mourning.values())[9:]:
        assert (outcome, began) == (REFUSED, "never")
        assert reason.startswith("outside the allowed hours")
    assert village.discrepancies(today) == ()


def test_every_loss_of_the_crowded_day_was_told_the_evening_before(village: Village) -> None:
    village.run_for(seconds=2)
    assert village.office.hub is not None
    problems = village.office.hub.rundown.problems
    today = [problem for problem in problems if problem.at < local("23:59")]
    told = {(problem.kind, cue.programme) for problem in today for cue in problem.cues}
    assert {
        (ProblemKind.OUTSIDE_HOURS, "nham-gio"),
        (ProblemKind.CLASH, "hop-xa"),
        (ProblemKind.OVERRUN, "keo-dai"),
        (ProblemKind.CLASH, "doi"),
        (ProblemKind.OVERRUN, "qua-dai"),
        (ProblemKind.CLASH, "ke-chuyen"),
        (ProblemKind.CLASH, "dung-gio"),
        (ProblemKind.QUIET, "chieu"),
    } <= told
