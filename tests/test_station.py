"""The parts of a station put together."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from broadcaster import clock
from broadcaster.domain.alert import Wording
from broadcaster.domain.names import AlertId
from broadcaster.domain.programme import Spoken
from broadcaster.folder import BadFolder
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


def test_words_that_no_voice_of_the_station_can_say_are_not_saved(tmp_path: Path) -> None:
    for part in ("schedules", "audio"):
        shutil.copytree(ROOT / part, tmp_path / part)
    (tmp_path / "station.toml").write_text(
        (ROOT / "station.toml").read_text(encoding="utf-8").replace('"gtts", ', ""), encoding="utf-8"
    )
    current = StationFolder(tmp_path).current
    id = AlertId("lu-lut")
    before, words = current.alert_mark(id), Spoken(words="Nậm luông ma", language="blt")
    thai = Wording(language="blt", alert=words, correction=words, all_clear=words)
    flood = current.alerts[id]
    with pytest.raises(BadFolder) as refused:
        current.save_alert(replace(flood, wordings=(*flood.wordings, thai)), before)
    assert {fault.wrong for fault in refused.value.faults} == {"no voice of this station speaks blt"}
    assert current.alert_mark(id) == before
