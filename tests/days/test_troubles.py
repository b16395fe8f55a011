"""The hub's machine is in trouble: units go on, and later passes take up what was not done."""

from contextlib import nullcontext
from pathlib import Path

import pytest

from broadcaster.domain.asrun import Outcome
from broadcaster.domain.instants import Spell
from broadcaster.store import StoreBusy, StoreFull
from broadcaster.store.file import StoreFile
from tests.days.communes import commune, schedule
from tests.days.hours import local
from tests.days.troubles import full_disk, locked_store
from tests.days.village import Village

EVENING = """
title = "Bản tin chiều"
zones = ["all"]
at = ["17:00"]
[[item]]
say = "Kính chào bà con."
"""
DAY = Spell(begin=local("00:00"), end=local("23:59"))


@pytest.fixture
def village(disks: Path, monkeypatch: pytest.MonkeyPatch) -> Village:
    defaults = StoreFile.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "busy_timeout", 0.01)  # nobody waits in a village at fake speed
    living = Village(commune(disks / "station", tin_chieu=EVENING), disks, local("16:00"))
    living.run_for(seconds=5)
    return living


def falls_into_trouble(village: Village, kind: str) -> None:
    folder = village.office.folder
    village.office.trouble = full_disk if kind == "full" else lambda: locked_store(folder)


def is_well_again(village: Village) -> None:
    village.office.trouble = nullcontext


@pytest.mark.parametrize("kind", ["full", "locked"])
def test_while_the_hub_cannot_write_units_play_and_tell_of_it_once_when_it_can(
    village: Village, kind: str
) -> None:
    village.at(local("16:50"), lambda: falls_into_trouble(village, kind))
    village.run_until(local("17:30"))
    assert village.asrun() == ()
    assert all(pole.records.waiting == 1 for pole in village.poles.values())
    assert {type(fault) for fault in village.office.faults} == {StoreFull if kind == "full" else StoreBusy}
    village.at(local("17:30:01"), lambda: is_well_again(village))
    village.run_until(local("17:31"))
    assert village.outcomes("tin-chieu") == dict.fromkeys(village.poles, Outcome.AIRED)
    assert {line.started for line in village.lines("tin-chieu").values()} == {local("17:00")}
    assert village.discrepancies(DAY) == ()


@pytest.mark.parametrize("kind", ["full", "locked"])
def test_what_changed_in_the_folder_meanwhile_is_in_force_a_second_after_the_trouble_is_over(
    village: Village, kind: str
) -> None:
    falls_into_trouble(village, kind)
    schedule(village.office.folder, "tin-chieu").write_text(EVENING.replace("17:00", "17:10"))
    village.run_for(seconds=5)
    assert village.office.faults
    is_well_again(village)
    village.run_for(seconds=1)
    village.run_until(local("17:30"))
    assert {line.started for line in village.lines("tin-chieu").values()} == {local("17:10")}
    assert village.discrepancies(DAY) == ()


def test_words_said_while_the_store_is_locked_are_heard_in_step_afterwards(village: Village) -> None:
    say(village)
    falls_into_trouble(village, "locked")
    village.run_for(seconds=20)
    is_well_again(village)
    village.run_for(minutes=5)
    assert village.outcomes("hop-dan") == dict.fromkeys(village.poles, Outcome.AIRED)
    (start,) = {line.started for line in village.lines("hop-dan").values()}
    assert start is not None
    assert start > local("16:00:25")


def test_words_for_whose_sound_there_was_no_room_have_lines_that_say_so(village: Village) -> None:
    say(village)
    falls_into_trouble(village, "full")
    village.run_for(seconds=20)
    is_well_again(village)
    village.run_for(minutes=5)
    assert village.outcomes("hop-dan") == dict.fromkeys(village.poles, Outcome.NOT_READY)
    assert all("no room for new sound" in line.reason for line in village.lines("hop-dan").values())


def test_words_said_while_the_hub_was_off_for_an_hour_are_not_read_out_when_it_is_back(
    village: Village,
) -> None:
    village.office.kill()
    village.office_closed = True
    say(village)
    village.run_for(minutes=50)
    village.office_closed = False
    village.run_for(minutes=5)
    assert village.outcomes("hop-dan") == dict.fromkeys(village.poles, Outcome.SKIPPED)
    assert not any(pole.sounded for pole in village.poles.values())


def say(village: Village) -> None:
    village.office.desk.say(village.office.boss, "Họp dân.", zones=["all"], id="hop-dan")


@pytest.mark.parametrize("kind", ["full", "locked"])
def test_a_hub_in_trouble_still_answers_units_that_ask(village: Village, kind: str) -> None:
    village.restart_hub()
    falls_into_trouble(village, kind)
    village.run_for(minutes=2)  # what units say of themselves is stored once a minute
    ben = village.poles["loa-ben"]
    ben.restart()
    village.wire.carried.clear()
    village.run_for(seconds=2)
    assert village.office.faults
    assert village.wire.carried["answers"] > 0
