"""How long a cue waits for the air, how long it keeps it, and the hours in which it may sound at all."""

from broadcaster.domain.asrun import Outcome
from broadcaster.domain.playout import ClipsHeld, PlanArrived, Raised
from broadcaster.domain.programme import Rank
from tests.domain.oneunit import OneUnit, alert, at, cue, hours, music, plan, speech

MORNING = hours("05:00", "06:30")


def test_a_soft_start_waits_its_grace_and_not_a_moment_longer() -> None:
    unit = OneUnit(
        plan(
            cue("thoi-su", "05:00", speech("tin", "10m")),
            cue("vua-kip", "05:01", speech("vua-kip", "1m"), grace="9m"),
            cue("qua-muon", "05:01", speech("qua-muon", "1m"), grace="8m"),
        )
    ).until("06:00")
    assert unit.heard == ["05:00:00 tin 0-600", "05:10:00 vua-kip 0-60"]
    assert unit.told("qua-muon") == (Outcome.SKIPPED, "it waited for the air as long as it may")
    assert unit.ended("qua-muon") == at("05:09")


def test_a_hard_start_waits_one_minute_behind_what_outranks_it() -> None:
    unit = OneUnit(
        plan(
            cue("lich-tiem", "06:59", speech("lich-tiem", "90s"), rank=Rank.PRIORITY),
            cue("quoc-ca", "07:00", music("quoc-ca", "60s"), hard=True, grace="0s"),
        )
    ).until("08:00")
    assert unit.heard == ["06:59:00 lich-tiem 0-90", "07:00:30 quoc-ca 0-60"]


def test_a_hard_start_that_would_come_more_than_a_minute_late_does_not_come() -> None:
    unit = OneUnit(
        plan(
            cue("lich-tiem", "06:59", speech("lich-tiem", "130s"), rank=Rank.PRIORITY),
            cue("quoc-ca", "07:00", music("quoc-ca", "60s"), hard=True, grace="10m"),
        )
    ).until("08:00")
    assert unit.heard == ["06:59:00 lich-tiem 0-130"]
    assert unit.became("quoc-ca") is Outcome.SKIPPED
    assert unit.ended("quoc-ca") == at("07:01")


def test_grace_does_not_run_while_an_alert_holds_the_air() -> None:
    unit = OneUnit(plan(cue("ban-tin", "05:00", speech("tin", "1m"), grace="30s")))
    unit.raise_alert("04:59", "lu-quet", "10m")
    unit.until("06:00")
    assert unit.heard == ["04:59:00 lu-quet 0-600", "05:09:00 tin 0-60"]


def test_grace_that_was_partly_used_before_the_alert_goes_on_after_it() -> None:
    unit = OneUnit(
        plan(
            cue("thoi-su", "05:00", speech("tin", "60s")),
            cue("kien-nhan", "05:00:10", speech("kien-nhan", "5s"), grace="80s"),
            cue("voi-vang", "05:00:10", speech("voi-vang", "5s"), grace="75s"),
        )
    )
    # 20 s of waiting, an alert, and again a whole minute of the programme that starts its item anew: 80 s.
    unit.raise_alert("05:00:30", "lu-quet", "5m")
    unit.until("06:00")
    assert unit.heard[2:] == ["05:05:30 tin 0-60", "05:06:30 kien-nhan 0-5"]
    assert unit.became("voi-vang") is Outcome.SKIPPED


def test_the_minute_of_a_hard_start_runs_on_during_an_alert() -> None:
    unit = OneUnit(plan(cue("quoc-ca", "07:00", music("quoc-ca", "60s"), hard=True)))
    unit.raise_alert("06:59", "lu-quet", "3m")
    unit.until("08:00")
    assert unit.became("quoc-ca") is Outcome.SKIPPED


def test_a_programme_is_faded_out_at_its_longest_time_on_air() -> None:
    unit = OneUnit(plan(cue("tiep-am", "05:00", music("vov", "60m"), longest="45m"))).until("07:00")
    assert unit.heard == ["05:00:00 vov 0-2700"]
    assert unit.told("tiep-am") == (
        Outcome.PARTLY_AIRED,
        "faded out at its longest time on air; 2700 of 3600 s sounded",
    )


def test_the_longest_time_is_counted_from_the_first_sample_and_an_alert_does_not_extend_it() -> None:
    unit = OneUnit(plan(cue("ban-tin", "05:00", speech("tin", "60s"), longest="90s")))
    unit.raise_alert("05:00:50", "lu-quet", "20s")
    unit.until("06:00")
    assert unit.heard == ["05:00:00 tin 0-50", "05:00:50 lu-quet 0-20", "05:01:10 tin 0-20"]
    assert unit.ended("ban-tin") == at("05:01:30")


def test_a_programme_whose_longest_time_is_over_during_an_alert_does_not_come_back() -> None:
    unit = OneUnit(plan(cue("ban-tin", "05:00", speech("tin", "60s"), longest="90s")))
    unit.raise_alert("05:00:30", "lu-quet", "5m")
    unit.until("06:00")
    assert unit.heard == ["05:00:00 tin 0-30", "05:00:30 lu-quet 0-300"]
    assert unit.became("ban-tin") is Outcome.PARTLY_AIRED
    assert unit.ended("ban-tin") == at("05:01:30")


def test_waiting_does_not_count_towards_the_longest_time() -> None:
    unit = OneUnit(
        plan(
            cue("thoi-su", "05:00", speech("tin", "60s")),
            cue("van-nghe", "05:00", music("dan-ca", "60s"), longest="60s"),
        )
    ).until("06:00")
    assert unit.became("van-nghe") is Outcome.AIRED


def test_a_mistyped_relay_does_not_wake_the_commune_at_a_quarter_past_three() -> None:
    unit = OneUnit(plan(cue("tiep-am", "03:15", music("vov", "30m")), open=[MORNING]), on="03:00").until(
        "07:00"
    )
    assert unit.heard == []
    assert unit.told("tiep-am") == (Outcome.REFUSED, "outside the allowed hours")
    assert unit.ended("tiep-am") == at("03:15")


def test_what_would_run_over_is_faded_when_the_allowed_hours_end() -> None:
    unit = OneUnit(plan(cue("tiep-am", "06:10", music("vov", "30m")), open=[MORNING])).until("07:00")
    assert unit.heard == ["06:10:00 vov 0-1200"]
    assert unit.told("tiep-am") == (
        Outcome.CUT_SHORT,
        "the allowed hours were over; 1200 of 1800 s sounded",
    )


def test_what_ends_with_the_allowed_hours_has_aired_whole() -> None:
    unit = OneUnit(plan(cue("tiep-am", "06:00", music("vov", "30m")), open=[MORNING])).until("07:00")
    assert unit.became("tiep-am") is Outcome.AIRED


def test_a_programme_runs_on_across_the_seam_of_two_windows() -> None:
    seam = [MORNING, hours("06:30", "07:00")]
    unit = OneUnit(plan(cue("tiep-am", "06:10", music("vov", "30m")), open=seam)).until("07:00")
    assert unit.became("tiep-am") is Outcome.AIRED


def test_what_still_waits_when_the_allowed_hours_end_is_refused_with_that_reason() -> None:
    unit = OneUnit(
        plan(
            cue("thoi-su", "06:20", speech("tin", "20m")),
            cue("van-nghe", "06:25", music("dan-ca", "60s")),
            open=[MORNING],
        )
    ).until("07:00")
    assert unit.told("van-nghe") == (Outcome.REFUSED, "the allowed hours ended while it waited")
    assert unit.ended("van-nghe") == at("06:30")


def test_what_an_alert_interrupted_does_not_come_back_outside_the_allowed_hours() -> None:
    unit = OneUnit(plan(cue("thoi-su", "06:20", speech("tin", "10m")), open=[MORNING]))
    unit.raise_alert("06:29", "lu-quet", "5m")
    unit.until("18:00")
    assert unit.heard == ["06:20:00 tin 0-540", "06:29:00 lu-quet 0-300"]
    assert unit.became("thoi-su") is Outcome.CUT_SHORT


def test_an_alert_sounds_at_any_hour_and_across_the_end_of_the_allowed_ones() -> None:
    unit = OneUnit(plan(open=[MORNING]))
    unit.raise_alert("04:30", "lu-quet", "20s")
    unit.raise_alert("06:29:50", "sat-lo", "20s")
    unit.until("07:00")
    assert unit.heard == ["04:30:00 lu-quet 0-20", "06:29:50 sat-lo 0-20"]


def test_a_funeral_announced_in_the_middle_of_a_programme_silences_it_at_once() -> None:
    morning = plan(cue("tiep-am", "05:00", music("vov", "30m")), open=[MORNING])
    quiet = plan(*morning.cues, revision=2, open=[hours("05:00", "05:10")])
    unit = OneUnit(morning)
    unit.when("05:12", PlanArrived(plan=quiet, held=morning.clips))
    unit.until("06:00")
    assert unit.heard == ["05:00:00 vov 0-720"]
    assert unit.became("tiep-am") is Outcome.CUT_SHORT


def test_words_that_have_expired_while_they_waited_are_not_said() -> None:
    unit = OneUnit(
        plan(
            cue("thoi-su", "05:00", speech("tin", "10m")),
            cue("moi-hop", "05:01", speech("moi-hop", "10s"), expires="05:05"),
        )
    ).until("06:00")
    assert unit.told("moi-hop") == (Outcome.REFUSED, "it expired while it waited")


def test_an_alert_that_arrives_after_its_expiry_is_refused() -> None:
    unit = OneUnit(plan())
    old = alert("bao-cu", "04:10", speech("bao-cu", "20s"), expires="04:20")
    unit.when("04:30", ClipsHeld(held=frozenset({old.clips[0].id})))
    unit.when("04:30", Raised(cue=old))
    unit.until("05:00")
    assert unit.heard == []
    assert unit.told("bao-cu") == (Outcome.REFUSED, "it had expired")
