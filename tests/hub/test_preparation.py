"""Items are made into clips ahead of air, what is due first first, again when it failed."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from pathlib import Path

from broadcaster.domain.names import ClipId
from broadcaster.domain.plan import Clip
from broadcaster.domain.programme import Playable, Spoken
from broadcaster.hub.planning import Missing, Pending
from broadcaster.hub.preparation import CannotMake, Preparation, Product
from tests.hub.villages import MORNING, a_clip

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


class OnePersonStudio:
    """A maker that says words into clips by hand: `fails` names what it cannot say today."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.fails: dict[str, str] = {}
        self.poor = ""
        self.kept: set[ClipId] = set()
        self.spoiled: set[ClipId] = set()
        self.read: list[ClipId] = []
        self.meanwhile: Callable[[], None] | None = None
        """What happens while the good voice takes its time; it says nothing in the end."""

    def source(self, item: Playable) -> str:
        assert isinstance(item, Spoken)
        return item.words

    def make(self, item: Playable, *, quickly: bool = False) -> Product:
        assert isinstance(item, Spoken)
        if quickly:
            clip = a_clip("f")
            self.kept.add(clip.id)
            return Product(clip=clip, voice="espeak-ng", poor="no time")
        if self.meanwhile is not None:
            self.meanwhile()
        self.made.append(item.words)
        if item.words in self.fails:
            raise CannotMake(self.fails[item.words])
        clip = a_clip(f"{len(self.made):x}")
        self.kept.add(clip.id)
        return Product(clip=clip, voice="espeak-ng" if self.poor else "gtts", poor=self.poor)

    def hurries(self, item: Playable) -> bool:
        return True

    def holds(self, clip: ClipId) -> bool:
        return clip in self.kept

    def is_whole(self, clip: ClipId) -> bool:
        self.read.append(clip)
        return clip not in self.spoiled

    def tidy(self, keep: Collection[ClipId], laid_before: datetime) -> int:
        gone = self.kept.difference(keep)
        self.kept -= gone
        return len(gone)


def words(text: str) -> Spoken:
    return Spoken(words=text)


def studio(tmp_path: Path) -> tuple[OnePersonStudio, Preparation]:
    maker = OnePersonStudio()
    return maker, Preparation(maker, tmp_path / "prepared.json")


def test_what_is_due_first_is_made_first(tmp_path: Path) -> None:
    maker, preparation = studio(tmp_path)
    preparation.want([(words("tối"), MORNING + 12 * 60 * MINUTE), (words("sáng"), MORNING)])
    while preparation.make_next(MORNING - 60 * MINUTE):
        pass
    assert maker.made == ["sáng", "tối"]


def test_an_item_is_pending_until_made_and_then_known_with_its_length(tmp_path: Path) -> None:
    _, preparation = studio(tmp_path)
    item = words("sáng")
    assert isinstance(preparation.lookup(item), Pending)
    preparation.want([(item, MORNING)])
    assert isinstance(preparation.lookup(item), Pending)
    preparation.make_next(MORNING - MINUTE)
    assert isinstance(preparation.lookup(item), Clip)
    assert preparation.length(item) == timedelta(seconds=3)
    assert preparation.voice(item) == "gtts"


def test_what_failed_says_why_and_is_tried_again_ever_less_often(tmp_path: Path) -> None:
    maker, preparation = studio(tmp_path)
    item = words("sáng")
    maker.fails["sáng"] = "no network, and no espeak-ng"
    preparation.want([(item, MORNING + 600 * MINUTE)])
    tries = []
    for minute in range(90):
        if preparation.make_next(MORNING + minute * MINUTE):
            tries.append(minute)
        assert preparation.lookup(item) == Missing(why="no network, and no espeak-ng")
    assert tries == [0, 1, 6, 21, 81]
    maker.fails.clear()
    assert preparation.make_next(MORNING + 141 * MINUTE)
    assert isinstance(preparation.lookup(item), Clip)


def test_what_a_poor_voice_spoke_is_spoken_again_when_the_good_one_is_back(tmp_path: Path) -> None:
    maker, preparation = studio(tmp_path)
    item = words("sáng")
    maker.poor = "gtts: no network"
    preparation.want([(item, MORNING + 600 * MINUTE)])
    preparation.make_next(MORNING)
    first = preparation.clip(item)
    assert first is not None, "the poor voice is heard rather than none"
    maker.poor = ""
    assert not preparation.make_next(MORNING + timedelta(seconds=30))
    assert preparation.make_next(MORNING + MINUTE)
    assert preparation.clip(item) != first
    assert not preparation.make_next(MORNING + 500 * MINUTE)


def test_just_before_air_a_poor_clip_is_left_alone_because_units_have_it(tmp_path: Path) -> None:
    maker, preparation = studio(tmp_path)
    maker.poor = "gtts: no network"
    preparation.want([(words("sáng"), MORNING)])
    preparation.make_next(MORNING - 20 * MINUTE)
    assert not preparation.make_next(MORNING - 10 * MINUTE)


def test_a_hub_that_restarts_knows_what_was_made(tmp_path: Path) -> None:
    maker, preparation = studio(tmp_path)
    item = words("sáng")
    preparation.want([(item, MORNING)])
    preparation.make_next(MORNING - MINUTE)
    again = Preparation(maker, tmp_path / "prepared.json")
    again.want([(item, MORNING)])
    assert again.clip(item) == preparation.clip(item)
    assert not again.make_next(MORNING - MINUTE)


def test_a_clip_that_vanished_from_the_library_is_made_again_after_a_restart(tmp_path: Path) -> None:
    maker, preparation = studio(tmp_path)
    item = words("sáng")
    preparation.want([(item, MORNING)])
    preparation.make_next(MORNING - MINUTE)
    maker.kept.clear()
    again = Preparation(maker, tmp_path / "prepared.json")
    again.want([(item, MORNING)])
    assert again.make_next(MORNING - MINUTE)


def test_a_memory_file_that_is_rubbish_costs_a_pass_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "prepared.json").write_bytes(b"\x00\xff{")
    maker, preparation = studio(tmp_path)
    preparation.want([(words("sáng"), MORNING)])
    assert preparation.make_next(MORNING - MINUTE)
    assert maker.made == ["sáng"]


def test_what_nobody_needs_any_more_is_dropped_and_what_is_wanted_or_in_a_plan_stays(tmp_path: Path) -> None:
    maker, preparation = studio(tmp_path)
    for text in ("cũ", "sáng", "trưa"):
        preparation.want([(words(text), MORNING)])
        preparation.make_next(MORNING - MINUTE)
    planned, wanted = a_clip("2").id, a_clip("3").id
    assert preparation.tidy([planned], MORNING) == 1
    assert maker.kept == {planned, wanted}


def test_what_is_said_now_is_heard_in_seconds_while_the_good_voice_is_silent(tmp_path: Path) -> None:
    maker, preparation = studio(tmp_path)
    item = words("nước lên")
    preparation.want([(item, MORNING)])
    made: list[bool] = []

    def time_goes_by() -> None:
        made.extend(preparation.make_urgent(MORNING + second * SECOND) for second in range(6))

    maker.meanwhile = time_goes_by
    preparation.make_next(MORNING)
    assert made == [False, False, False, False, True, False]
    assert preparation.voice(item) == "espeak-ng", "units have it: a better one comes too late"
    assert not preparation.make_next(MORNING + 20 * SECOND)


def test_what_is_said_now_does_not_wait_for_the_long_recording_that_is_being_made(tmp_path: Path) -> None:
    maker, preparation = studio(tmp_path)
    long, urgent = words("bản ghi dài"), words("nước lên")
    preparation.want([(long, MORNING + 60 * MINUTE)])

    def somebody_says() -> None:
        preparation.want([(long, MORNING + 60 * MINUTE), (urgent, MORNING)])
        assert not preparation.make_urgent(MORNING)
        assert preparation.make_urgent(MORNING + 4 * SECOND)

    maker.meanwhile = somebody_says
    preparation.make_next(MORNING)
    assert preparation.voice(urgent) == "espeak-ng"
    assert preparation.voice(long) == "gtts"


def test_what_is_due_later_waits_for_its_turn_and_the_good_voice(tmp_path: Path) -> None:
    _, preparation = studio(tmp_path)
    preparation.want([(words("sáng"), MORNING)])
    for second in range(60):
        assert not preparation.make_urgent(MORNING - 21 * SECOND - second * SECOND)


def test_what_no_voice_could_say_is_not_asked_for_again_every_moment(tmp_path: Path) -> None:
    maker, preparation = studio(tmp_path)
    maker.fails["sáng"] = "no network, and no espeak-ng"
    preparation.want([(words("sáng"), MORNING)])
    preparation.make_next(MORNING)
    assert not any(preparation.make_urgent(MORNING + second * SECOND) for second in range(10))


def test_every_clip_is_read_again_once_a_day_and_a_spoiled_one_is_made_anew(tmp_path: Path) -> None:
    maker, preparation = studio(tmp_path)
    morning, evening = words("sáng"), words("tối")
    preparation.want([(morning, MORNING + 600 * MINUTE), (evening, MORNING + 900 * MINUTE)])
    assert preparation.make_next(MORNING)
    assert preparation.make_next(MORNING)
    first, second = preparation.clip(morning), preparation.clip(evening)
    assert first is not None
    assert second is not None
    maker.spoiled.add(second.id)
    for _ in range(6):
        preparation.make_next(MORNING)
    assert preparation.clip(morning) == first
    assert preparation.clip(evening) not in (None, second)
    read = len(maker.read)
    assert read == 3, "both, and the new one"
    preparation.want([(morning, MORNING + 3600 * MINUTE), (evening, MORNING + 3900 * MINUTE)])
    assert not preparation.make_next(MORNING + 23 * 60 * MINUTE)
    assert len(maker.read) == read
    assert not preparation.make_next(MORNING + 24 * 60 * MINUTE)
    assert len(maker.read) == read + 1


def test_just_before_air_no_clip_is_taken_away_because_units_have_it(tmp_path: Path) -> None:
    maker, preparation = studio(tmp_path)
    preparation.want([(words("sáng"), MORNING)])
    preparation.make_next(MORNING - 20 * MINUTE)
    maker.spoiled |= maker.kept
    assert not preparation.make_next(MORNING - 10 * MINUTE)
