"""What a unit says of itself, and how often: life every ten seconds, its state when that is news."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from broadcaster.domain.health import Fault, Supply, faults_of
from broadcaster.link.messages import Vitals
from broadcaster.link.vitals import AGAIN
from broadcaster.unit import machine
from broadcaster.unit.usage import Usage
from broadcaster.unit.vitals import Lead, Saying
from tests.unit.box import NOON, speech
from tests.unit.pole import cue
from tests.unit.village import Story, Village


def well(**said: object) -> Vitals:
    plain: dict[str, object] = {
        "v": 1,
        "at": NOON,
        "software": "1",
        "plan": 3,
        "clock_error": 0.001,
        "disk_free": 1 << 34,
        "speaker": "hw:0",
    }
    return Vitals(**plain | said)  # type: ignore[arg-type]


def test_what_was_said_is_said_again_only_when_it_is_news_or_old() -> None:
    saying, often = Saying(), AGAIN.total_seconds()
    assert saying.is_due(well(), 0.0)
    saying.heard(well(), 0.0)
    assert not saying.is_due(well(temperature=50.0, used=10**6), often - 1)
    assert saying.is_due(well(), often)
    for news in ({"plan": 4}, {"speaker": "hw:1"}, {"temperature": 85.0}, {"missing": 2}, {"level": -120.0}):
        assert saying.is_due(well(**news), 1.0), news


def test_that_a_horn_has_become_slower_is_told_at_once_and_that_it_is_quicker_after_a_while() -> None:
    lead, often = Lead(), AGAIN.total_seconds()
    said = [
        (None, 0, None),
        (0.110, 1, 0.110),
        (0.120, 2, 0.110),
        (0.092, 3, 0.110),
        (0.135, 4, 0.135),
        (0.110, 5, 0.135),
        (0.100, 6, 0.135),
        (0.100, 4 + often, 0.100),
        (0.510, 5 + often, 0.510),
    ]
    for seconds, at, told in said:
        length = None if seconds is None else timedelta(seconds=seconds)
        assert lead.told(length, at) == told, at


def test_the_hub_is_told_how_soon_a_unit_can_sound(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        await village.hub_up()
        village.boot()
        await village.until(30)
        assert village.beats[-1].lead == pytest.approx(0.045, abs=0.005)

    told(story)


def test_whoever_is_at_the_other_end_of_a_new_connection_is_told_everything() -> None:
    saying = Saying()
    saying.heard(well(), 0.0)
    saying.forget()
    assert saying.is_due(well(), 1.0)


def test_the_hub_is_never_left_without_a_word_for_more_than_ten_seconds(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        await village.hub_up()
        village.boot()
        await village.until(150)
        gaps = [later - earlier for earlier, later in pairwise(village.heard)]
        assert max(gaps) < 10.5
        assert sum(at > 60 for at in village.heard) < 15, "and no oftener, once station time is known"

    told(story)


def test_what_a_unit_plays_is_told_within_two_seconds_and_that_it_is_over_too(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        village.lay(cue("tin", 60, [village.clip(speech(20))]))
        await village.hub_up()
        village.boot()
        await village.until(62)
        playing = village.beats[-1].playing
        assert playing is not None
        assert playing.title == "tin"
        await village.until(83)
        assert village.beats[-1].playing is None

    told(story)


def test_after_an_outage_the_hub_hears_everything_within_seconds(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        village.lay(cue("tin", 60, [village.clip(speech(20))]))
        await village.hub_up()
        village.boot()
        await village.until(30)
        village.wire.cut()
        await village.until(250)
        village.beats.clear()
        village.wire.mend()
        await village.until(253)
        assert village.beats
        assert [entry.cue.programme for entry in village.told] == ["tin"]

    told(story)


def test_a_hub_that_takes_nothing_is_told_when_it_does(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        await village.hub_up()
        serves, village.wire.hub.serves_tell = village.wire.hub.serves_tell, None
        village.boot()
        await village.until(100)
        assert village.beats == []
        village.wire.hub.serves_tell = serves
        answered = village.asked_time
        while village.asked_time == answered:
            await village.until(village.loop.time() - village._noon + 1)
        await village.until(village.loop.time() - village._noon + 2)
        assert len(village.beats) == 1, "told as soon as the hub answers anything again"

    told(story)


def test_what_the_card_has_cost_is_told_and_outlives_a_restart(
    told: Callable[[Story], None], tmp_path: Path
) -> None:
    async def story(village: Village) -> None:
        village.lay(cue("tin", 3000, [village.clip(speech(5))]))
        await village.hub_up()
        village.boot()
        await village.until(25)
        before = village.beats[-1].used
        assert before > village.door.used > 5 * 48_000
        await village.switch_off()
        village.door.used = 0
        village.boot()
        await village.until(35)
        assert village.beats[-1].used > before

    told(story)


class Card:
    """What a SIM card has carried, and the seconds meanwhile."""

    def __init__(self, file: Path) -> None:
        self.bytes, self.seconds = 0, 0.0
        self.usage = Usage(file, (lambda: self.bytes,), monotonic=lambda: self.seconds)

    def live(self, minutes: int) -> None:
        for _ in range(6 * minutes):
            self.bytes, self.seconds = self.bytes + 100, self.seconds + 10
            self.usage.keep_now_and_then()


def test_a_power_cut_forgets_ten_minutes_of_counting_at_most(tmp_path: Path) -> None:
    card = Card(tmp_path / "usage.json")
    card.live(25)
    assert card.usage.total == 15_000
    assert Card(tmp_path / "usage.json").usage.total == 12_000
    card.usage.keep()
    assert Card(tmp_path / "usage.json").usage.total == 15_000


@pytest.mark.parametrize("rot", [b"", b"{", b'{"used":"all of it"}', b'{"used":-4}', b"[1]"])
def test_a_sum_that_rotted_on_the_card_costs_the_count_and_nothing_else(tmp_path: Path, rot: bytes) -> None:
    (tmp_path / "usage.json").write_bytes(rot)
    assert Card(tmp_path / "usage.json").usage.total == 0


def test_a_disk_that_takes_nothing_costs_the_count_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "usage.json").mkdir()
    card = Card(tmp_path / "usage.json")
    card.live(25)
    assert card.usage.total == 15_000


def pi(folder: Path, *, throttled: str | None = None, zones: tuple[str, ...] = ()) -> Path:
    """A Raspberry Pi's /sys."""
    for number, content in enumerate(zones):
        zone = folder / f"class/thermal/thermal_zone{number}"
        zone.mkdir(parents=True)
        (zone / "temp").write_text(content)
    if throttled is not None:
        firmware = folder / "devices/platform/soc/soc:firmware"
        firmware.mkdir(parents=True)
        (firmware / "get_throttled").write_text(f"{throttled}\n")
    return folder


@pytest.mark.parametrize(
    ("throttled", "supply"),
    [
        (None, None),
        ("0", Supply.GOOD),
        ("50005", Supply.LOW),
        ("0x50000", Supply.WAS_LOW),
        ("e0008", Supply.GOOD),
        ("", None),
        ("what", None),
    ],
)
def test_a_weak_supply_is_told_as_the_firmware_tells_it(
    tmp_path: Path, throttled: str | None, supply: Supply | None
) -> None:
    assert machine.supply(pi(tmp_path, throttled=throttled)) is supply


@pytest.mark.parametrize(("alarm", "supply"), [("0", Supply.GOOD), ("1", Supply.LOW), ("", None)])
def test_a_newer_kernel_tells_of_the_supply_elsewhere(tmp_path: Path, alarm: str, supply: Supply) -> None:
    for number, name in enumerate(("cpu_thermal", "rpi_volt")):
        chip = tmp_path / f"class/hwmon/hwmon{number}"
        chip.mkdir(parents=True)
        (chip / "name").write_text(f"{name}\n")
        (chip / "in0_lcrit_alarm").write_text(alarm if name == "rpi_volt" else "1")
    assert machine.supply(tmp_path) is supply


@pytest.mark.parametrize(
    ("zones", "degrees"),
    [((), None), (("51540\n",), 51.54), (("45000", "62000", "-274000", "x"), 62.0), (("",), None)],
)
def test_the_hottest_place_counts_and_what_cannot_be_is_passed_over(
    tmp_path: Path, zones: tuple[str, ...], degrees: float | None
) -> None:
    assert machine.temperature(pi(tmp_path, zones=zones)) == degrees


def test_a_supply_that_flickers_is_one_fault_and_not_one_every_ten_seconds(
    told: Callable[[Story], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(village: Village) -> None:
        def flickers(_: Path) -> Supply:
            tens = (village.now - NOON) // timedelta(seconds=10)
            return Supply.LOW if 4 <= tens < 10 and tens % 2 else Supply.GOOD

        monkeypatch.setattr(machine, "supply", flickers)
        await village.hub_up()
        village.boot()
        await village.until(30)
        village.beats.clear()
        await village.until(430)
        faults = [faults_of(one.pulse(one.at)) for one in village.beats]
        assert (Fault.UNDER_VOLTAGE,) in [tuple(set(found) & {Fault.UNDER_VOLTAGE}) for found in faults]
        assert Fault.UNDER_VOLTAGE not in faults[-1]
        assert len(village.beats) <= 3

    told(story)
