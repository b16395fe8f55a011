"""Communes made for a test: station.toml and programmes written as people write them."""

from pathlib import Path

__all__ = ["HOURS", "commune", "schedule"]

_STATION = """
id = "dong-tien"
name = "Đài truyền thanh xã Đồng Tiến"
timezone = "Asia/Ho_Chi_Minh"
language = "vi"
voices = ["espeak-ng"]
approval = {approval}

[[zone]]
id = "xa"
name = "Xã Đồng Tiến"
[[zone]]
id = "thon-ben"
name = "Thôn Bến"
parent = "xa"
[[zone]]
id = "thon-dinh"
name = "Thôn Đình"
parent = "xa"
"""

HOURS = """
[[allowed]]
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
from = "05:00"
to = "06:30"
[[allowed]]
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
from = "17:00"
to = "19:00"
"""


def commune(folder: Path, more: str = "", *, approval: str = "false", **programmes: str) -> Path:
    """A station folder; `more` ends station.toml, and each programme is a file (`_` for `-` in its name)."""
    for part in ("schedules", "audio/chimes", "audio/recordings"):
        (folder / part).mkdir(parents=True)
    for sound in ("chimes/opening.opus", "chimes/test.opus", "recordings/nhac.opus"):
        (folder / "audio" / sound).write_bytes(b"its length is the studio's affair")
    (folder / "station.toml").write_text(_STATION.format(approval=approval) + more)
    for name, text in programmes.items():
        schedule(folder, name.replace("_", "-")).write_text(text)
    return folder


def schedule(folder: Path, programme: str) -> Path:
    """The file of a programme."""
    return folder / "schedules" / f"{programme}.toml"
