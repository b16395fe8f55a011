"""Who may open a station's store."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from broadcaster.store import StoreFault, WrongOwner, check_owner, open_store


def test_the_first_opening_makes_a_state_folder_for_its_owner_only(tmp_path: Path) -> None:
    state = tmp_path / "station" / "state"
    open_store(state).close()
    assert state.stat().st_mode & 0o777 == 0o700
    open_store(state).close()


def test_a_place_where_no_folder_can_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreFault, match="cannot be opened: Not a directory"):
        open_store(tmp_path / "file" / "state")


def test_another_user_is_told_whom_to_be(tmp_path: Path) -> None:
    check_owner(tmp_path, 0, 0)
    with pytest.raises(WrongOwner, match=r"belongs to the user root, and you are #4294000: run this as root"):
        check_owner(tmp_path, 0, 4_294_000)


def test_another_user_of_the_system_cannot_open_it(
    tmp_path: Path, as_nobody: Callable[[], AbstractContextManager[None]]
) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if not folder.stat().st_mode & 0o001:  # one that pytest made, and nobody else may enter
            folder.chmod(0o755)
    state = tmp_path / "state"
    open_store(state).close()
    with as_nobody(), pytest.raises(WrongOwner):
        open_store(state)
