"""What a unit's folder holds after the power was gone."""

from pathlib import Path

import pytest

from broadcaster import files
from broadcaster.files import make_folder, write_whole
from broadcaster.unit.home import Settings, UnitHome
from tests.unit.village import ZONE


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
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 3
    home.clear_unfinished()
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["settings.json"]
    assert home.settings() is not None
