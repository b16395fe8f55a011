"""Bulletins on their way into a slot: booked, approved, frozen, heard in their order."""

from pathlib import Path

import pytest

from broadcaster.desk import BadEntry
from broadcaster.domain.asrun import Outcome
from broadcaster.domain.instants import Spell
from broadcaster.domain.programme import Rank
from tests.days.communes import commune
from tests.days.hours import local
from tests.days.village import Village

NEWS = """
title = "Bản tin"
zones = ["all"]
at = ["17:00", "18:00"]
[[item]]
say = "Mở đầu."
[[item]]
bulletins = "booked"
closes = "5m"
[[item]]
say = "Kết thúc."
"""
FIVE, SIX = "tin@2026-11-23T17:00:00", "tin@2026-11-23T18:00:00"
EVENING = Spell(begin=local("16:00"), end=local("19:00"))


@pytest.fixture
def village(disks: Path) -> Village:
    living = Village(commune(disks / "station", approval="true", tin=NEWS), disks, local("15:00"))
    living.run_until(local("16:00"))
    return living


def write(village: Village, words: str, *, rank: Rank = Rank.ORDINARY, approved: bool = True) -> str:
    """A bulletin; its id is its first word."""
    desk, boss, id = village.office.desk, village.office.boss, words.split()[0]
    desk.write_bulletin(boss, title=words, words=words, rank=rank, id=id)
    desk.submit(boss, id)
    if approved:
        desk.approve(boss, id)
    return id


def book(village: Village, bulletin: str, slot: str) -> None:
    village.office.desk.book(village.office.boss, bulletin, slot)


def heard(village: Village, slot: str) -> list[str]:
    """The items of a slot as they were heard, which are the same everywhere."""
    found = {
        tuple(clip.title for clip in run.passage.clips)
        for pole in village.poles.values()
        for run in pole.sounded
        if run.cue == slot
    }
    assert len(found) == 1
    (items,) = found
    return list(items)


def test_bulletins_are_heard_in_the_order_they_were_booked_priority_ones_first(village: Village) -> None:
    for words, rank in (("mot tin", Rank.ORDINARY), ("hai tin", Rank.ORDINARY), ("ba tin", Rank.PRIORITY)):
        book(village, write(village, words, rank=rank), FIVE)
    village.run_until(local("18:30"))
    assert heard(village, FIVE) == ["Mở đầu.", "ba tin", "mot tin", "hai tin", "Kết thúc."]
    assert heard(village, SIX) == ["Mở đầu.", "Kết thúc."]
    assert {entry.outcome for entry in village.asrun()} == {Outcome.AIRED}
    assert village.discrepancies(EVENING) == ()


def test_a_bulletin_nobody_approved_is_not_heard_and_one_that_was_returned_neither(village: Village) -> None:
    for words in ("mot tin", "hai tin", "ba tin"):
        book(village, write(village, words, approved=words == "ba tin"), FIVE)
    village.at(local("16:30"), lambda: village.office.desk.return_(village.office.boss, "ba", why="sai ngày"))
    village.at(local("16:40"), lambda: village.office.desk.approve(village.office.boss, "hai"))
    village.run_until(local("17:30"))
    assert heard(village, FIVE) == ["Mở đầu.", "hai tin", "Kết thúc."]


def test_what_comes_after_the_list_has_closed_takes_the_next_slot(village: Village) -> None:
    village.run_until(local("16:54:59"))
    book(village, write(village, "mot tin"), FIVE)
    village.run_until(local("16:55"))
    late = write(village, "hai tin")
    with pytest.raises(BadEntry) as refused:
        book(village, late, FIVE)
    assert refused.value.code == "slot-closed"
    book(village, late, SIX)
    village.run_until(local("18:30"))
    assert heard(village, FIVE) == ["Mở đầu.", "mot tin", "Kết thúc."]
    assert heard(village, SIX) == ["Mở đầu.", "hai tin", "Kết thúc."]


def test_booked_in_the_last_second_it_lies_on_every_unit_long_before_the_start(village: Village) -> None:
    village.run_until(local("16:54:59"))
    book(village, write(village, "mot tin"), FIVE)
    village.run_until(local("16:55:02"))
    village.wire.cut()
    village.office.kill()
    village.office_closed = True
    village.run_until(local("17:10"))
    assert heard(village, FIVE) == ["Mở đầu.", "mot tin", "Kết thúc."]


def test_a_bulletin_at_a_time_of_its_own_is_heard_only_when_it_is_approved(village: Village) -> None:
    desk, boss = village.office.desk, village.office.boss
    for words in ("mot tin", "hai tin"):
        bulletin = write(village, words, approved=False)
        desk.book_at(boss, bulletin, at=local("16:30"), zones=["thon-ben"], id=f"rieng-{bulletin}")
    village.at(local("16:20"), lambda: desk.approve(boss, "hai"))
    village.run_until(local("16:45"))
    assert village.outcomes("rieng-hai") == {"loa-ben": Outcome.AIRED}
    assert village.lines("rieng-mot") == {}
    assert village.discrepancies(EVENING) == ()
