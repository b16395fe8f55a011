"""station.toml: the station itself, and the ports it is run on."""

from dataclasses import dataclass
from pathlib import Path

from broadcaster.domain.places import Station

__all__ = ["Settings", "read_settings", "read_station"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the hub and panel of this folder are reached. `broker_url` None: the station runs a broker of
    its own at `broker_port`. `clips_port` is the hub's clip server, `panel_port` the control panel."""

    broker_url: str | None = None
    broker_port: int = 4222
    clips_port: int = 8008
    panel_port: int = 8080


def read_station(folder: Path) -> Station:
    """The station that station.toml describes. Raises BadFolder with every fault of the file."""
    raise NotImplementedError


def read_settings(folder: Path) -> Settings:
    """The settings of station.toml. Raises BadFolder with every fault of the file."""
    raise NotImplementedError
