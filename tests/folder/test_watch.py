"""Noticing changes of the folder: soon, once, and not fooled by editors that rename."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.folder import Change, Fingerprint, Settler, fingerprint
from broadcaster.folder.watch import GONE_AFTER
from tests.folder.folders import PROGRAMME, Folder

STEP = 0.25
"""Seconds between two looks of the hub."""

SANG = "schedules/sang.toml"
ONE, TWO, THREE = (1, 10, 100), (2, 10, 101), (3, 12, 102)
Look = dict[str, tuple[int, int, int]]


def changes(settler: Settler, *looks: Look, start: float = 0.0) -> list[Change | None]:
    return [settler.look(seen, start + number * STEP) for number, seen in enumerate(looks)]


def seen(folder: Folder) -> Fingerprint:
    found = fingerprint(folder.path)
    assert found is not None
    return found


def fresh(*names: str) -> Change:
    return Change(fresh=frozenset(names), gone=frozenset())


def gone(*names: str) -> Change:
    return Change(fresh=frozenset(), gone=frozenset(names))


def test_a_folder_nobody_touches_has_no_changes() -> None:
    assert changes(Settler({SANG: ONE}), *[{SANG: ONE}] * 40) == [None] * 40


def test_a_saved_file_is_told_once_as_soon_as_it_rests() -> None:
    settler = Settler({SANG: ONE})
    assert changes(settler, {SANG: TWO}, {SANG: TWO}, {SANG: TWO}) == [None, fresh(SANG), None]


def test_a_file_that_is_still_being_copied_is_waited_for() -> None:
    settler = Settler({})
    looks: list[Look] = [{SANG: (n, n, 7)} for n in range(5)]
    assert changes(settler, *looks, looks[-1]) == [None] * 5 + [fresh(SANG)]


def test_a_file_changed_back_before_it_rested_is_no_change() -> None:
    assert changes(Settler({SANG: ONE}), {SANG: TWO}, {SANG: ONE}, {SANG: ONE}) == [None] * 3


def test_an_editor_that_saves_by_renaming_never_takes_the_programme_away() -> None:
    settler = Settler({SANG: ONE})
    assert changes(settler, {}, {}) == [None, None]
    assert settler.away == {SANG}
    assert changes(settler, {SANG: TWO}, {SANG: TWO}, start=1.0) == [None, fresh(SANG)]
    assert settler.away == frozenset()


def test_a_file_counts_as_gone_after_three_seconds_and_is_told_once() -> None:
    settler = Settler({SANG: ONE})
    assert settler.look({}, 10.0) is None
    assert settler.look({}, 10.0 + GONE_AFTER - 0.001) is None
    assert settler.away == {SANG}
    assert settler.look({}, 10.0 + GONE_AFTER) == gone(SANG)
    assert settler.away == frozenset()
    assert settler.look({}, 20.0) is None


def test_the_three_seconds_begin_anew_when_a_file_comes_back() -> None:
    settler = Settler({SANG: ONE})
    assert changes(settler, {}, {SANG: ONE}, start=10.0) == [None, None]
    assert settler.look({}, 12.9) is None
    assert settler.look({}, 13.5) is None
    assert settler.look({}, 15.9) == gone(SANG)


def test_a_file_that_comes_back_after_it_was_gone_is_new() -> None:
    settler = Settler({SANG: ONE})
    assert [settler.look({}, at) for at in (0.0, 3.0)] == [None, gone(SANG)]
    assert changes(settler, {SANG: ONE}, {SANG: ONE}, start=5.0) == [None, fresh(SANG)]


def test_one_file_may_change_while_another_is_away() -> None:
    other = "schedules/chieu.toml"
    settler = Settler({SANG: ONE, other: ONE})
    assert changes(settler, {other: TWO}, {other: TWO}) == [None, fresh(other)]
    assert settler.away == {SANG}


@given(
    looks=st.lists(
        st.dictionaries(st.sampled_from("abc"), st.sampled_from([ONE, TWO, THREE])), min_size=1, max_size=30
    )
)
def test_whatever_happened_the_changes_told_add_up_to_what_is_there(looks: list[Look]) -> None:
    settler = Settler({"a": ONE})
    known: Look = {"a": ONE}
    resting: list[Look] = [looks[-1]] * 14  # more than three seconds of looks
    for number, seen in enumerate(looks + resting):
        change = settler.look(seen, number * STEP)
        if change is not None:
            assert change.fresh or change.gone
            assert not change.fresh & change.gone
            assert all(known.get(name) != seen[name] for name in change.fresh)
            known.update((name, seen[name]) for name in change.fresh)
            for name in change.gone:
                assert name not in seen
                del known[name]
    assert known == looks[-1]
    assert settler.away == frozenset()


def test_the_fingerprint_sees_every_way_a_file_can_change(folder: Folder) -> None:
    folder.programme(PROGRAMME)
    first = seen(folder)
    assert first.keys() == {"station.toml", SANG}
    assert seen(folder) == first
    folder.programme(PROGRAMME + "# một dòng nữa\n")
    second = seen(folder)
    assert second[SANG] != first[SANG]
    copy = folder.path / "schedules/.new"
    copy.write_bytes((folder.path / SANG).read_bytes())
    copy.rename(folder.path / SANG)
    assert seen(folder)[SANG] != second[SANG]
    (folder.path / SANG).unlink()
    assert seen(folder) == {"station.toml": first["station.toml"]}


def test_the_fingerprint_passes_over_what_is_no_programme(folder: Folder, tmp_path: Path) -> None:
    before = seen(folder)
    (folder.path / "schedules/.sang.toml.swp").write_text("x")
    (folder.path / "schedules/.sang.toml").write_text("x")
    (folder.path / "schedules/doc.txt").write_text("x")
    (folder.path / "schedules/folder.toml").mkdir()
    (folder.path / "schedules/circle.toml").symlink_to("circle.toml")
    (folder.path / "schedules/nowhere.toml").symlink_to(tmp_path / "none")
    assert seen(folder) == before


def test_a_folder_without_a_station_has_the_rest(folder: Folder) -> None:
    folder.programme(PROGRAMME)
    (folder.path / "station.toml").unlink()
    assert set(seen(folder)) == {SANG}


def test_a_disk_that_is_away_for_a_while_takes_no_programme_away(folder: Folder) -> None:
    folder.programme(PROGRAMME)
    settler = Settler(fingerprint(folder.path))
    (folder.path / "schedules").rename(folder.path / "elsewhere")
    assert fingerprint(folder.path) is None
    assert [settler.look(fingerprint(folder.path), at) for at in (0.0, 1.0, 5.0, 60.0)] == [None] * 4
    assert settler.away == frozenset()
    (folder.path / "elsewhere").rename(folder.path / "schedules")
    assert settler.look(fingerprint(folder.path), 61.0) is None
    assert fingerprint(folder.path / "none") is None


def test_a_file_put_in_place_of_another_by_renaming_is_read_as_the_new_one(folder: Folder) -> None:
    """The whole of it on a disk: looks are made as the hub does, with a clock of our own."""
    folder.programme(PROGRAMME)
    settler = Settler(fingerprint(folder.path))
    (folder.path / SANG).rename(folder.path / "schedules/sang.toml~")
    assert settler.look(fingerprint(folder.path), 0.0) is None
    folder.programme(PROGRAMME.replace("sáng", "chiều"))
    assert settler.look(fingerprint(folder.path), 0.25) is None
    assert settler.look(fingerprint(folder.path), 0.5) == fresh(SANG)
    assert folder.only().title == "Bản tin chiều"
