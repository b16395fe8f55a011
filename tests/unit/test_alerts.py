"""An alert on one unit: what sounds, how often, over what, and what the hub is told of it."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest

from broadcaster.domain.alert import Severity
from broadcaster.domain.asrun import Outcome
from broadcaster.domain.names import AlertId, StationId
from broadcaster.link.envelope import HubKey
from broadcaster.link.messages import RaiseAlert, RaiseDrill, SetVolume
from tests.sound.hearing import level
from tests.unit.alarms import SIREN, WORDS, at_work, call, cleared, drilled, last_receipt, raised, silent
from tests.unit.box import NOON, same, speech, tone
from tests.unit.pole import cue
from tests.unit.village import UNIT, Story, Village, outcomes


def test_an_alert_sounds_at_its_instant_three_times_and_the_hub_is_told_who_heard_it(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        clips = village.clip(SIREN), village.clip(WORDS)
        order = raised(20.5, *clips, repeats=3)
        await village.order(order, id="kc-lu-1", keep=True)
        await village.until(20.3)
        assert last_receipt(village, "kc-lu-1").started is None
        await village.until(70)
        for begin in (20.5, 37.5, 54.5):
            assert same(village.sounded(begin, 7), np.concatenate([SIREN, WORDS]))
        assert silent(village, 28, 37)
        assert silent(village, 62, 69)
        assert [entry.outcome for entry in village.told] == [Outcome.AIRED] * 3
        assert len({entry.cue for entry in village.told}) == 3
        receipt = last_receipt(village, "kc-lu-1")
        assert receipt.alert == AlertId("kc-lu")
        assert receipt.started is not None
        assert abs(receipt.started - (NOON + timedelta(seconds=20.5))) < timedelta(milliseconds=20)
        assert (receipt.version, receipt.lacks, receipt.why) == (1, 0, "")
        assert len(village.receipts) <= 4

    told(story)


def test_a_duplicate_delivery_plays_once(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        envelope = await village.order(raised(20.5, village.clip(SIREN)), keep=True)
        await village.wire.hub.order(envelope)
        await village.until(22)
        await village.wire.hub.order(envelope)
        village.wire.units[UNIT].lose()  # it asks again, and is told again
        await village.until(40)
        await village.wire.hub.order(envelope)
        await village.until(60)
        assert same(village.sounded(20.5, 3), SIREN)
        assert silent(village, 24, 60)
        assert len(village.told) == 1

    told(story)


@pytest.mark.parametrize("wrong", ["yesterday's", "forged", "of another commune", "one byte changed"])
def test_an_order_that_our_hub_did_not_give_now_for_us_is_silent(
    told: Callable[[Story], None], wrong: str
) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        body = raised(20.5, village.clip(SIREN))
        if wrong == "yesterday's":
            await village.order(raised(20.5 - 86_400, village.clip(SIREN)), age=86_400)
        elif wrong == "forged":
            await village.order(body, key=HubKey.create())
        elif wrong == "of another commune":
            await village.order(body, station=StationId("thai-binh"))
        else:
            village.wire.units[UNIT].lose()
            envelope = bytearray(await village.order(body))
            await village.until(26)
            place = envelope.index(b"kc-lu")
            envelope[place + 3] ^= 1
            await village.wire.hub.order(bytes(envelope))
        await village.until(60)
        assert silent(village, 20, 60)
        assert village.told == []
        assert sum(village.agent._obeying.refusals.values()) == 1

    told(story)


def test_an_alert_that_arrives_after_its_expiry_is_silent_and_the_hub_hears_why(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        await village.order(raised(10, village.clip(SIREN), lasts=5), id="kc-lu-1")
        await village.until(40)
        assert silent(village, 20, 40)
        assert last_receipt(village, "kc-lu-1").why == "it had expired when it came here"

    told(story)


def test_an_alert_replayed_when_it_has_long_sounded_does_not_unsay_that_it_was_heard(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        envelope = await village.order(raised(20.5, village.clip(SIREN), lasts=10), id="kc-lu-1")
        await village.until(50)
        await village.wire.hub.order(envelope)
        await village.until(60)
        assert last_receipt(village, "kc-lu-1").started is not None
        assert silent(village, 24, 60)

    told(story)


def test_in_the_middle_of_a_programme_it_takes_the_air_and_the_programme_resumes_after_the_last_round(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        music, news = village.clip(tone(120), joins=True), village.clip(speech(20))
        siren = village.clip(SIREN)
        village.lay(cue("tin", 15, [news]), cue("tiep-am", 40, [music]), keep=[siren])
        await village.hub_up()
        village.boot()
        await village.until(20)
        await village.order(raised(20.5, siren, repeats=2))
        await village.until(45)
        assert same(village.sounded(20.5, 3), SIREN)
        assert silent(village, 24, 33)  # half a sentence in between helps nobody
        assert same(village.sounded(33.5, 3), SIREN)
        assert same(village.sounded(36.5, 8), speech(20)[: 8 * 48_000])
        await village.until(70)
        await village.order(raised(70.5, siren, name="kc-chay"))
        await village.until(80)
        assert same(village.sounded(70.5, 3), SIREN)
        assert outcomes(village)["tin"] is Outcome.AIRED

    told(story)


def test_of_two_alerts_the_graver_sounds_first_and_neither_is_lost(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        siren, words = village.clip(SIREN), village.clip(WORDS)
        await village.order(raised(20.5, siren, name="kc-bao", severity=Severity.MODERATE))
        await village.order(raised(21.5, words, name="kc-dap", severity=Severity.EXTREME))
        await village.until(40)
        assert same(village.sounded(21.5, 4), WORDS)
        assert same(village.sounded(25.5, 3), SIREN)
        assert outcomes(village).keys() == {"kc-bao", "kc-dap"}

    told(story)


def test_phat_nham_is_heard_at_once_and_nothing_of_what_it_corrects_any_more(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        siren, words = village.clip(SIREN), village.clip(WORDS)
        await village.order(raised(20.5, siren, repeats=3))
        await village.until(21)
        await village.order(raised(21.5, words, version=2))
        await village.until(80)
        assert same(village.sounded(20.5, 0.9), SIREN[: round(0.9 * 48_000)])
        assert same(village.sounded(21.5, 4), WORDS)
        assert silent(village, 26, 80)
        assert [(entry.outcome, entry.revision) for entry in village.told] == [
            (Outcome.CUT_SHORT, 1),
            (Outcome.AIRED, 2),
        ]

    told(story)


def test_a_stop_reaches_a_unit_that_comes_back_later_and_what_comes_after_it_stays_silent(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        envelope = await village.order(raised(20.5, village.clip(SIREN), repeats=3))
        await village.until(25)
        village.wire.cut()
        await village.until(39)
        village.orders.append(village.sealed(cleared(2), id="kc-lu-2"))
        village.wire.mend()
        await village.until(60)
        assert same(village.sounded(33.5, 3), SIREN)
        assert silent(village, 45, 60)
        await village.wire.hub.order(envelope)
        await village.until(80)
        assert silent(village, 45, 80)
        assert last_receipt(village, "kc-lu-2").version == 2

    told(story)


def test_a_stop_that_comes_before_what_it_stops_keeps_it_silent(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        await village.order(cleared(2))
        await village.order(raised(21, village.clip(SIREN)))
        await village.until(40)
        assert silent(village, 20, 40)

    told(story)


def test_a_drill_that_is_called_an_alert_is_refused_and_so_is_an_alert_that_is_called_a_drill(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        siren = village.clip(SIREN)
        await village.order(RaiseAlert(call=call(21, [siren], severity=Severity.MINOR)), id="kc-a-1")
        await village.order(RaiseDrill(call=call(21, [siren], severity=Severity.SEVERE)), id="kc-b-1")
        await village.until(40)
        assert silent(village, 20, 40)
        assert village.agent._obeying.refusals == {"malformed": 2}
        assert "drill" in last_receipt(village, "kc-a-1").why

    told(story)


def test_a_drill_is_as_loud_as_the_box_is_set_and_an_alert_as_loud_as_it_says(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        siren = village.clip(tone(2))
        await village.order(SetVolume(decibels=-20.0))
        await village.order(drilled(21, siren))
        await village.order(raised(25, siren, name="kc-lu"))
        await village.order(raised(29, siren, name="kc-xa", volume=-6.0))
        await village.until(32)
        for begin, decibels in ((21, -20), (25, 0), (29, -6)):
            loud = level(village.sounded(begin + 0.5, 1))
            assert loud == pytest.approx(level(tone(1)) + decibels, abs=0.1)

    told(story)


def test_a_drill_outside_the_hours_is_silent_and_the_hub_hears_why(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        await at_work(village, open_until=22)
        siren = village.clip(SIREN)
        await village.order(drilled(21, siren), id="dt-1")
        await village.until(30)
        assert silent(village, 22, 30)
        assert outcomes(village) == {"dt-lu": Outcome.CUT_SHORT}
        await village.order(drilled(31, siren, version=2), id="dt-2")
        await village.until(40)
        assert silent(village, 22, 40)
        assert last_receipt(village, "dt-2").why == "it is a drill, and these are no allowed hours"
        assert [entry.outcome for entry in village.told] == [Outcome.CUT_SHORT, Outcome.REFUSED]

    told(story)
