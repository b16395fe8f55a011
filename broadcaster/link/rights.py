"""Who may say and hear what at the broker, and the configuration that makes nats-server hold them to it.

The whole policy is `of_unit`, `of_hub` and `of_panel`. What is not allowed there is refused, and there is no
user besides these: a unit cannot speak for another one, give orders, or hear what others tell the hub.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from broadcaster.domain.names import StationId, UnitId
from broadcaster.link.messages import Subjects

__all__ = [
    "MAX_PAYLOAD",
    "PANELS_INBOX",
    "Listening",
    "Rights",
    "configuration",
    "inbox",
    "of_hub",
    "of_panel",
    "of_unit",
]

MAX_PAYLOAD = 1024 * 1024
"""Bytes of one message. An alert carries up to 200 kB of sound inline, as base64 in a signed order."""

PANELS_INBOX = "_INBOX._panel"
"""Where the panel hears the hub's answers. No unit can be called `_panel`: it is no id."""

_PING = "30s"
"""A connection that said nothing for so long is asked, and dropped after three of these. A unit beats every
10 s and is never asked: on a paid link pings cost more than they tell, and a dead one harms nobody."""

_WRITING = "60s"
"""What a unit may take to take what is written to it: 270 kB, the longest order, need 54 s at 5 kB/s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """Subjects one identity may publish and may subscribe; nothing else."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where the broker listens and keeps its files. All its files lie in `folder`."""

    folder: Path
    host: str
    port: int

    @property
    def conf(self) -> Path:
        return self.folder / "nats-server.conf"

    @property
    def pid_file(self) -> Path:
        return self.folder / "nats-server.pid"

    @property
    def log_file(self) -> Path:
        return self.folder / "nats-server.log"

    @property
    def complaints(self) -> Path:
        """What it said before it had its log file."""
        return self.folder / "nats-server.err"


def inbox(unit: UnitId) -> str:
    """The prefix of the subjects in which a unit hears the answers to its own questions."""
    return f"_INBOX.{unit}"


def of_unit(station: StationId, unit: UnitId) -> Rights:
    subjects = Subjects(station)
    return Rights(
        publish=(subjects.ask(unit), subjects.tell(unit), subjects.beat(unit)),
        subscribe=(subjects.order, subjects.live, f"{inbox(unit)}.>"),
    )


def of_hub(station: StationId) -> Rights:
    """The hub answers in inboxes and in no other place, whatever reply subject a request names."""
    subjects = Subjects(station)
    return Rights(
        publish=(subjects.order, subjects.live, "_INBOX.*.>"),
        subscribe=(subjects.ask("*"), subjects.tell("*"), subjects.beat("*"), f"{station}.desk.>"),
    )


def of_panel(station: StationId) -> Rights:
    subjects = Subjects(station)
    return Rights(
        publish=(subjects.wake, subjects.desk_alert, f"{station}.desk.live.>"),
        subscribe=(f"{PANELS_INBOX}.>",),
    )


def configuration(
    at: Listening, station: StationId, *, hub: str, panel: str, units: Mapping[UnitId, str]
) -> str:
    """nats-server's configuration (JSON is a part of its language). `hub`, `panel`, `units`: public nkeys."""
    users = [_user(hub, of_hub(station)), _user(panel, of_panel(station))]
    users += [_user(nkey, of_unit(station, unit)) for unit, nkey in sorted(units.items())]
    whole = {
        "server_name": station,
        "host": at.host,
        "port": at.port,
        "pid_file": str(at.pid_file),
        "log_file": str(at.log_file),
        "logfile_size_limit": 4 * 1024 * 1024,
        "logfile_max_num": 3,
        "max_payload": MAX_PAYLOAD,
        "max_pending": 8 * MAX_PAYLOAD,  # a unit that takes nothing is cut off before it fills the memory
        "max_subscriptions": 32,
        "write_deadline": _WRITING,
        "ping_interval": _PING,
        "ping_max": 2,
        "authorization": {"timeout": 15, "users": users},  # seconds: as long as a unit on a bad link tries
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _user(nkey: str, rights: Rights) -> dict[str, object]:
    return {
        "nkey": nkey,
        "permissions": {"publish": _only(rights.publish), "subscribe": _only(rights.subscribe)},
    }


def _only(subjects: tuple[str, ...]) -> dict[str, list[str]]:
    """An empty allow-list would mean everything, so nothing is said as a denial."""
    return {"allow": list(subjects)} if subjects else {"deny": [">"]}
