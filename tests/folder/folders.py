"""A small station folder to write wrong things into."""

from datetime import date
from pathlib import Path

import pytest

from broadcaster.domain.programme import Programme
from broadcaster.folder import Schedules, check, read_schedules, read_station

STATION = """\
id       = "dong-tien"
name     = "Đài truyền thanh xã Đồng Tiến"
timezone = "Asia/Ho_Chi_Minh"
language = "vi"
voices   = ["gtts", "espeak-ng"]

[[zone]]
id   = "xa"
name = "Xã Đồng Tiến"
[[zone]]
id     = "thon-ben"
name   = "Thôn Bến"
parent = "xa"
"""
PROGRAMME = """\
title = "Bản tin sáng"
zones = ["all"]
at    = ["05:00"]
[[item]]
say = "Kính chào bà con."
"""
SATURDAY = date(2026, 11, 21)
SOUNDS = ("chimes/opening.opus", "chimes/closing.opus", "recordings/nhac.mp3", "fallback/cho.opus")


class Folder:
    """station.toml, sounds that exist (and hold nothing of sense), and what a test writes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "schedules").mkdir(parents=True)
        for sound in SOUNDS:
            self.sound(sound)
        self.write("station.toml", STATION)

    def sound(self, name: str, content: bytes = b"a sound") -> Path:
        file = self.path / "audio" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return file

    def write(self, name: str, content: str | bytes) -> Path:
        file = self.path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def programme(self, content: str | bytes, name: str = "sang") -> None:
        self.write(f"schedules/{name}.toml", content)

    def schedules(self) -> Schedules:
        return read_schedules(self.path, read_station(self.path))

    def only(self) -> Programme:
        """The one programme of the folder, which has no faults."""
        found = self.schedules()
        assert found.problems == ()
        (programme,) = found.programmes
        return programme

    def told(self) -> list[str]:
        return [str(fault) for fault in check(self.path, today=SATURDAY)]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "dong-tien")
