"""The parts of a station put together."""

import shutil
from pathlib import Path

from broadcaster import clock
from broadcaster.hub.folders import Reading
from broadcaster.station import StationFolder
from tests.sources import ROOT


def test_after_a_restart_the_panel_holds_the_same_programmes_as_the_hub_though_a_file_is_broken(
    tmp_path: Path,
) -> None:
    for part in ("schedules", "audio"):
        shutil.copytree(ROOT / part, tmp_path / part)
    shutil.copy(ROOT / "station.toml", tmp_path)
    station = StationFolder(tmp_path)
    Reading(tmp_path, station.store, clock.now)
    (tmp_path / "schedules" / "ban-tin-sang.toml").write_text("title = ", encoding="utf-8")
    again = StationFolder(tmp_path)
    hub = Reading(tmp_path, again.store, clock.now)
    assert "ban-tin-sang" in again.current.programmes
    assert set(again.current.programmes.values()) == set(hub.programmes)
    assert [fault.file for fault in again.current.faults] == ["schedules/ban-tin-sang.toml"]
