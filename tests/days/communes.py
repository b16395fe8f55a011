"""Communes made for a test: station.toml and programmes written as people write them."""

from pathlib import Path

__all__ = ["HOURS", "alert_template", "commune", "schedule"]

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


_CHIMES = ("opening", "test", "alert", "notice", "all-clear")

_ALERT = """
title = "{words}"
hazard = "flood"
severity = "{severity}"
signal = "alert"
zones = ["all"]
gap = "10s"
[[text]]
language = "vi"
alert = "{words}"
correction = "Phát nhầm"
all-clear = "Đã yên"
"""


def commune(folder: Path, more: str = "", *, approval: str = "false", **programmes: str) -> Path:
    """A station folder; `more` ends station.toml, and each programme is a file (`_` for `-` in its name)."""
    for part in ("schedules", "audio/chimes", "audio/recordings"):
        (folder / part).mkdir(parents=True)
    for sound in (*(f"chimes/{name}.opus" for name in _CHIMES), "recordings/nhac.opus"):
        (folder / "audio" / sound).write_bytes(b"its length is the studio's affair")
    (folder / "station.toml").write_text(_STATION.format(approval=approval) + more)
    for name, text in programmes.items():
        schedule(folder, name.replace("_", "-")).write_text(text)
    return folder


def schedule(folder: Path, programme: str) -> Path:
    """The file of a programme."""
    return folder / "schedules" / f"{programme}.toml"


def alert_template(folder: Path, name: str, words: str, *, severity: str) -> None:
    """Write an alert's template: a signal of five seconds and these words, three times, ten seconds apart."""
    alerts = folder / "schedules" / "alerts"
    alerts.mkdir(exist_ok=True)
    (alerts / f"{name}.toml").write_text(_ALERT.format(words=words, severity=severity))
