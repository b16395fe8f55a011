"""What a unit has written down outlives it, and is told exactly until it is taken."""

import errno
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from broadcaster.domain.asrun import AsRunEntry, Outcome, Stretch
from broadcaster.domain.names import CueId
from broadcaster.unit import records as records_file
from broadcaster.unit.records import Open, Records
from tests.unit.box import NOON, Shelf, speech
from tests.unit.pole import UNIT, cue


def entry(programme: str, *, at: float = 0, outcome: Outcome = Outcome.AIRED) -> AsRunEntry:
    begin = NOON + timedelta(seconds=at)
    return AsRunEntry(
        unit=UNIT,
        cue=CueId(f"{programme}@2026-11-21T19:00:00"),
        title=programme,
        revision=7,
        outcome=outcome,
        planned=begin,
        ended=begin + timedelta(seconds=10),
        asked=timedelta(seconds=10),
        stretches=(Stretch(begin=begin, length=timedelta(seconds=10)),),
        reason="" if outcome is Outcome.AIRED else "stopped",
    )


def open_airing(programme: str, *, at: float = 0) -> Open:
    begun = NOON + timedelta(seconds=at)
    clip = Shelf().add(speech(0.1))
    return Open(cue=cue(programme, at, [clip]), revision=7, begun=begun, last=begun, clip=0, offset=0)


def test_entries_wait_on_the_disk_until_the_hub_has_them(tmp_path: Path) -> None:
    first, second = entry("sang", at=0), entry("chieu", at=3600)
    Records(tmp_path).close(second)
    Records(tmp_path).close(first)
    again = Records(tmp_path)
    assert again.unsent() == (first, second)
    assert again.unsent(limit=1) == (first,)
    again.told([first.cue])
    assert Records(tmp_path).unsent() == (second,)
    assert Records(tmp_path).waiting == 1


def test_what_was_told_is_still_known_to_be_over(tmp_path: Path) -> None:
    records = Records(tmp_path)
    records.close(entry("sang"))
    records.told([entry("sang").cue])
    (closed,) = Records(tmp_path).closed()
    assert (closed.cue, closed.revision, closed.start) == (entry("sang").cue, 7, NOON)


def test_the_first_entry_of_a_cue_stands(tmp_path: Path) -> None:
    records = Records(tmp_path)
    records.close(entry("sang"))
    records.close(entry("sang", outcome=Outcome.CUT_SHORT))
    assert records.unsent() == Records(tmp_path).unsent() == (entry("sang"),)
    records.told([entry("sang").cue])
    records.close(entry("sang", outcome=Outcome.CUT_SHORT))
    assert records.unsent() == Records(tmp_path).unsent() == ()


def test_an_open_airing_is_found_after_a_power_cut_and_not_after_its_end(tmp_path: Path) -> None:
    records = Records(tmp_path)
    records.keep_open(open_airing("chieu", at=5))
    records.keep_open(open_airing("sang"))
    assert [found.cue.title for found in Records(tmp_path).found_open()] == ["sang", "chieu"]
    records.close(entry("sang"))
    assert [found.cue.title for found in Records(tmp_path).found_open()] == ["chieu"]


def test_a_power_cut_between_entry_and_end_counts_as_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = Records(tmp_path)
    records.keep_open(open_airing("sang"))
    kept = {path.name: path.read_bytes() for path in (tmp_path / "open").iterdir()}
    records.close(entry("sang"))
    for name, content in kept.items():
        (tmp_path / "open" / name).write_bytes(content)
    again = Records(tmp_path)
    assert again.found_open() == ()
    assert list((tmp_path / "open").iterdir()) == []


def test_a_full_disk_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes, *, mode: int = 0o644) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    records = Records(tmp_path)
    with monkeypatch.context() as disk:
        disk.setattr(records_file, "write_whole", full)
        records.keep_open(open_airing("sang"))
        records.close(entry("sang"))
        assert records.unsent() == (entry("sang"),)
        assert Records(tmp_path).unsent() == ()
        records.mend()
    records.mend()
    assert Records(tmp_path).unsent() == (entry("sang"),)


def test_a_record_that_cannot_be_read_is_put_aside_and_the_others_count(tmp_path: Path) -> None:
    Records(tmp_path).close(entry("sang"))
    (tmp_path / "waiting" / "x.json").write_bytes(b'{"unit": ')
    (tmp_path / "open" / "y.json").write_bytes(b"\xff\x00")
    again = Records(tmp_path)
    assert again.unsent() == (entry("sang"),)
    assert (tmp_path / "waiting" / "x.bad").exists()


def test_after_eight_days_what_was_told_is_forgotten_and_what_was_not_is_kept(tmp_path: Path) -> None:
    records = Records(tmp_path)
    records.close(entry("cu"))
    records.close(entry("chua-bao"))
    records.told([entry("cu").cue])
    records.clear(NOON + timedelta(days=7))
    assert len(records.closed()) == 2
    records.clear(NOON + timedelta(days=9))
    assert [closed.cue.programme for closed in Records(tmp_path).closed()] == ["chua-bao"]


@pytest.mark.parametrize("worn", [{"clip": -3}, {"offset": -5}])
def test_an_airing_counted_from_below_nothing_is_put_aside_and_stops_nobody(
    tmp_path: Path, worn: dict[str, int]
) -> None:
    airing = open_airing("tin")
    Records(tmp_path).keep_open(airing)
    assert Records(tmp_path).found_open() == (airing,)
    (path,) = (tmp_path / "open").iterdir()
    path.write_bytes(msgspec.json.encode({**msgspec.json.decode(path.read_bytes()), **worn}))
    assert Records(tmp_path).found_open() == ()
