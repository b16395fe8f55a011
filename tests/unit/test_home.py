"""What a unit's folder holds after the power was gone."""

from collections.abc import Callable
from pathlib import Path

import pytest

from broadcaster import files
from broadcaster.files import make_folder, write_whole
from broadcaster.link.envelope import HubKey
from broadcaster.unit.home import Member, Settings, UnitHome
from tests.unit.village import STATION, UNIT, ZONE


def test_what_was_being_written_when_the_power_went_is_deleted_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    make_folder(tmp_path / "records" / "open")
    home = UnitHome(tmp_path)
    home.keep_settings(Settings(zone=ZONE, name="Loa xã", clips_url="http://127.0.0.1:1/clips/"))
    with monkeypatch.context() as power:
        power.setattr(files, "settle", power_cut)
        for place in (tmp_path / "memory.json", tmp_path / "records" / "open" / "mot.json"):
            with pytest.raises(KeyboardInterrupt):
                write_whole(place, b"half of something")
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 4
    home.clear_unfinished()
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {
        "settings.json",
        "settings.json.spare",
    }
    assert home.settings() is not None


def _replaced_by_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


_ROT: dict[str, Callable[[Path], object]] = {
    "gone": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "zeros": lambda path: path.write_bytes(bytes(200)),
    "garbage": lambda path: path.write_bytes(b"\xff\x00{"),
    "a folder": _replaced_by_a_folder,
}


@pytest.mark.parametrize("rot", _ROT.values(), ids=_ROT)
@pytest.mark.parametrize("name", ["unit.nkey", "member.json", "settings.json"])
@pytest.mark.parametrize("ending", ["", ".spare"])
def test_a_file_without_which_a_unit_is_mute_is_lost_and_the_unit_is_who_it_was(
    tmp_path: Path, name: str, ending: str, rot: Callable[[Path], object]
) -> None:
    home = UnitHome(tmp_path)
    member = Member(
        station=STATION, unit=UNIT, verify_key=str(HubKey.create().verify), broker="nats://127.0.0.1:1"
    )
    settings = Settings(zone=ZONE, name="Loa xã", clips_url="http://127.0.0.1:1/clips/", volume=-6)
    identity = home.identity
    home.become(member, settings)
    rot(tmp_path / f"{name}{ending}")
    after = UnitHome(tmp_path)
    assert (after.identity, after.member(), after.settings()) == (identity, member, settings)
    for path in tmp_path.iterdir():  # what could be is written again: the next fault may be in the other
        if path.suffix != ".spare" and path.is_file():
            path.unlink()
        elif path.is_dir():
            return
    assert (after.identity, after.member(), after.settings()) == (identity, member, settings)


def test_a_memory_that_cannot_be_read_makes_no_unit_mute(tmp_path: Path) -> None:
    (tmp_path / "memory.json").mkdir()
    assert UnitHome(tmp_path).memory().acted == ()
