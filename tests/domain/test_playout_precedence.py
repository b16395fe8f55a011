"""What gives way to what: the table, and each line of it as villagers hear it."""

import pytest

from broadcaster.domain.asrun import Outcome
from broadcaster.domain.playout import ClipsHeld, Raised
from broadcaster.domain.precedence import TABLE, Answer, Newcomer
from broadcaster.domain.programme import Rank
from tests.domain.oneunit import OneUnit, cue, music, plan, speech

# The table of the design, row by row: on air is | who comes, and what it gets.
DESIGN = """
on air    | fill | ordinary, soft | ordinary, hard | priority       | priority, live or hard | emergency | emergency, graver or a newer version
fill      | wait | take over      | take over      | take over      | take over              | take over | take over
ordinary  | wait | wait           | take over      | after the item | take over              | take over | take over
priority  | wait | wait           | wait           | wait           | wait                   | take over | take over
emergency | wait | wait           | wait           | wait           | wait                   | wait      | take over
"""  # noqa: E501


def test_the_table_of_precedence_is_the_one_of_the_design() -> None:
    head, *rows = (line.split("|") for line in DESIGN.strip().splitlines())
    newcomers = [Newcomer(word.strip()) for word in head[1:]]
    designed = {
        (Rank[on_air.strip().upper()], newcomer): Answer(word.strip())
        for on_air, *words in rows
        for newcomer, word in zip(newcomers, words, strict=True)
    }
    assert designed == TABLE


def test_the_table_of_precedence_has_an_answer_for_every_pair() -> None:
    assert TABLE.keys() == {(rank, newcomer) for rank in Rank for newcomer in Newcomer}


def test_music_between_programmes_waits_for_the_programme_on_air() -> None:
    unit = OneUnit(
        plan(
            cue("thoi-su", "05:00", speech("tin", "60s")),
            cue("nhac-nen", "05:00:10", music("nhac", "30s"), rank=Rank.FILL),
        )
    ).until("06:00")
    assert unit.heard == ["05:00:00 tin 0-60", "05:01:00 nhac 0-30"]


def test_a_programme_takes_over_from_fill_and_the_fill_goes_on_where_it_would_be() -> None:
    unit = OneUnit(
        plan(
            cue("nhac-nen", "05:00", music("nhac", "60s"), rank=Rank.FILL),
            cue("thoi-su", "05:00:20", speech("tin", "10s")),
        )
    ).until("06:00")
    assert unit.heard == ["05:00:00 nhac 0-20", "05:00:20 tin 0-10", "05:00:30 nhac 30-60"]
    assert unit.told("nhac-nen") == (Outcome.PARTLY_AIRED, "50 of 60 s sounded; 10 s jumped over")


def test_a_soft_start_waits_for_the_whole_programme_on_air() -> None:
    unit = OneUnit(
        plan(
            cue("thoi-su", "05:00", speech("tin-1", "60s"), speech("tin-2", "60s")),
            cue("van-nghe", "05:00:30", music("dan-ca", "30s")),
        )
    ).until("06:00")
    assert unit.heard == ["05:00:00 tin-1 0-60", "05:01:00 tin-2 0-60", "05:02:00 dan-ca 0-30"]
    assert unit.became("van-nghe") is Outcome.AIRED


def test_a_hard_start_cuts_the_programme_on_air_at_the_clock_and_for_good() -> None:
    unit = OneUnit(
        plan(
            cue("van-nghe", "06:55", music("dan-ca", "10m")),
            cue("quoc-ca", "07:00", music("quoc-ca", "60s"), hard=True),
        )
    ).until("08:00")
    assert unit.heard == ["06:55:00 dan-ca 0-300", "07:00:00 quoc-ca 0-60"]
    outcome, reason = unit.told("van-nghe")
    assert outcome is Outcome.CUT_SHORT
    assert reason == "gave way at the clock to quoc-ca; 300 of 600 s sounded"


def test_a_priority_programme_waits_for_the_sentence_to_end_and_then_plays_first() -> None:
    unit = OneUnit(
        plan(
            cue("thoi-su", "05:00", speech("tin-1", "60s"), speech("tin-2", "60s")),
            cue("khac", "05:00:05", speech("chuyen", "10s")),
            cue("lich-tiem", "05:00:30", speech("tiem-chung", "20s"), rank=Rank.PRIORITY),
        )
    ).until("06:00")
    assert unit.heard == [
        "05:00:00 tin-1 0-60",
        "05:01:00 tiem-chung 0-20",
        "05:01:20 tin-2 0-60",
        "05:02:20 chuyen 0-10",
    ]
    assert unit.became("thoi-su") is Outcome.AIRED


def test_a_priority_programme_takes_over_a_relay_at_once_and_the_relay_is_joined_again() -> None:
    unit = OneUnit(
        plan(
            cue("tiep-am", "05:00", music("vov", "30m")),
            cue("lich-tiem", "05:10", speech("tiem-chung", "60s"), rank=Rank.PRIORITY),
        )
    ).until("06:00")
    assert unit.heard == ["05:00:00 vov 0-600", "05:10:00 tiem-chung 0-60", "05:11:00 vov 660-1800"]


def test_a_person_speaking_live_with_priority_does_not_wait_for_the_sentence() -> None:
    unit = OneUnit(
        plan(
            cue("thoi-su", "05:00", speech("tin", "60s")),
            cue("chu-tich", "05:00:30", speech("micro", "10s"), rank=Rank.PRIORITY, live=True),
        )
    ).until("06:00")
    assert unit.heard == ["05:00:00 tin 0-30", "05:00:30 micro 0-10", "05:00:40 tin 0-60"]


def test_a_hard_start_of_priority_rank_is_no_weaker_than_an_ordinary_one() -> None:
    unit = OneUnit(
        plan(
            cue("thoi-su", "05:00", speech("tin", "60s")),
            cue("chao-co", "05:00:30", speech("loi-chao", "10s"), rank=Rank.PRIORITY, hard=True),
        )
    ).until("06:00")
    assert unit.heard == ["05:00:00 tin 0-30", "05:00:30 loi-chao 0-10"]
    assert unit.became("thoi-su") is Outcome.CUT_SHORT


@pytest.mark.parametrize("hard", [True, False])
@pytest.mark.parametrize("rank", [Rank.FILL, Rank.ORDINARY, Rank.PRIORITY])
def test_nothing_planned_interrupts_a_priority_programme(rank: Rank, hard: bool) -> None:
    unit = OneUnit(
        plan(
            cue("lich-tiem", "05:00", music("tiem-chung", "40s"), rank=Rank.PRIORITY),
            cue("khac", "05:00:10", speech("khac", "5s"), rank=rank, hard=hard),
        )
    ).until("06:00")
    assert unit.heard == ["05:00:00 tiem-chung 0-40", "05:00:40 khac 0-5"]


@pytest.mark.parametrize("rank", [Rank.FILL, Rank.ORDINARY, Rank.PRIORITY])
def test_an_alert_takes_the_air_from_everything_and_speech_starts_its_item_again(rank: Rank) -> None:
    unit = OneUnit(plan(cue("ban-tin", "05:00", speech("loi-chao", "10s"), speech("tin", "60s"), rank=rank)))
    unit.raise_alert("05:00:30", "lu-quet", "20s")
    unit.until("06:00")
    assert unit.heard == [
        "05:00:00 loi-chao 0-10",
        "05:00:10 tin 0-20",
        "05:00:30 lu-quet 0-20",
        "05:00:50 tin 0-60",
    ]
    assert unit.became("ban-tin") is Outcome.AIRED


def test_an_alert_cuts_nothing_for_good_even_if_it_is_written_as_a_hard_start() -> None:
    unit = OneUnit(plan(cue("ban-tin", "05:00", speech("tin", "60s"))))
    siren = cue("coi", "05:00:10", speech("coi", "5s"), rank=Rank.EMERGENCY, severity=4, hard=True)
    unit.when("05:00:09", ClipsHeld(held=unit.state.held | {siren.clips[0].id}))
    unit.when("05:00:09", Raised(cue=siren))
    unit.until("06:00")
    assert unit.became("ban-tin") is Outcome.AIRED


def test_two_alerts_of_the_same_gravity_are_heard_one_after_the_other() -> None:
    unit = OneUnit(plan())
    unit.raise_alert("05:00", "lu-quet", "20s", severity=3)
    unit.raise_alert("05:00:05", "sat-lo", "20s", severity=3)
    unit.until("06:00")
    assert unit.heard == ["05:00:00 lu-quet 0-20", "05:00:20 sat-lo 0-20"]


def test_a_graver_alert_takes_over_and_the_lesser_one_is_told_again_from_its_first_word() -> None:
    unit = OneUnit(plan())
    unit.raise_alert("05:00", "mua-lon", "20s", severity=2)
    unit.raise_alert("05:00:05", "vo-dap", "10s", severity=4)
    unit.until("06:00")
    assert unit.heard == ["05:00:00 mua-lon 0-5", "05:00:05 vo-dap 0-10", "05:00:15 mua-lon 0-20"]


def test_a_lesser_alert_waits_and_of_two_that_wait_the_graver_goes_first() -> None:
    unit = OneUnit(plan())
    unit.raise_alert("05:00", "vo-dap", "20s", severity=4)
    unit.raise_alert("05:00:01", "mua-lon", "10s", severity=1)
    unit.raise_alert("05:00:02", "lu-quet", "10s", severity=3)
    unit.until("06:00")
    assert unit.heard == ["05:00:00 vo-dap 0-20", "05:00:20 lu-quet 0-10", "05:00:30 mua-lon 0-10"]


def test_a_newer_version_of_an_alert_takes_the_place_of_the_older_one() -> None:
    unit = OneUnit(plan())
    unit.raise_alert("05:00", "lu-quet", "20s")
    unit.raise_alert("05:00:05", "lu-quet", "12s", version=2)
    unit.raise_alert("05:00:06", "lu-quet", "20s", version=1)
    unit.until("06:00")
    assert unit.heard == ["05:00:00 lu-quet 0-5", "05:00:05 lu-quet 0-12"]
    assert {str(name): close.revision for name, close in unit.horn.closes.items()} == {
        "lu-quet@2026-11-22T05:00:00": 1,
        "lu-quet@2026-11-22T05:00:01": 2,
    }
    assert unit.told("lu-quet") == (Outcome.CUT_SHORT, "replaced by version 2; 5 of 20 s sounded")


def test_those_who_wait_go_by_rank_then_due_time_then_name() -> None:
    unit = OneUnit(
        plan(
            cue("dai", "05:00", speech("dai", "60s"), rank=Rank.PRIORITY),
            cue("nen", "05:00:01", music("nen", "1s"), rank=Rank.FILL),
            cue("z-thuong", "05:00:03", speech("z", "1s")),
            cue("a-thuong", "05:00:03", speech("a", "1s")),
            cue("som", "05:00:02", speech("som", "1s")),
            cue("uu-tien", "05:00:09", speech("uu-tien", "1s"), rank=Rank.PRIORITY),
        )
    ).until("06:00")
    order = [piece.split()[1] for piece in unit.heard]
    assert order == ["dai", "uu-tien", "som", "a", "z", "nen"]


def test_nobody_is_begun_only_to_be_cut_by_a_hard_start_in_the_same_instant() -> None:
    unit = OneUnit(
        plan(
            cue("a-mem", "05:00", speech("mem", "20s")),
            cue("b-cung", "05:00", speech("cung", "10s"), hard=True),
        )
    ).until("06:00")
    assert unit.heard == ["05:00:00 cung 0-10", "05:00:10 mem 0-20"]


def test_of_two_hard_starts_the_later_one_cuts_and_at_the_same_time_the_second_waits() -> None:
    unit = OneUnit(
        plan(
            cue("a-cung", "05:00", speech("a", "30s"), hard=True),
            cue("b-cung", "05:00", speech("b", "30s"), hard=True),
            cue("c-cung", "05:00:45", speech("c", "10s"), hard=True),
        )
    ).until("06:00")
    assert unit.heard == ["05:00:00 a 0-30", "05:00:30 b 0-15", "05:00:45 c 0-10"]
    assert unit.became("b-cung") is Outcome.CUT_SHORT


def test_a_hard_start_and_a_priority_programme_at_one_instant_share_it_item_by_item() -> None:
    unit = OneUnit(
        plan(
            cue("thoi-su", "05:00", speech("tin", "60s")),
            cue("quoc-ca", "05:00:30", speech("loi", "5s"), speech("ca", "5s"), hard=True),
            cue("lich-tiem", "05:00:30", speech("tiem", "10s"), rank=Rank.PRIORITY),
        )
    ).until("06:00")
    assert unit.heard == ["05:00:00 tin 0-30", "05:00:30 loi 0-5", "05:00:35 tiem 0-10", "05:00:45 ca 0-5"]
