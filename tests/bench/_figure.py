"""What a measurement hands back, and the machine it was taken on."""

import operator
import os
import platform
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from broadcaster.clock import now

__all__ = ["BUILD", "Figure", "Figures", "machine"]

BUILD = Path("build/bench")
"""Where results and what is worth keeping between runs are put."""

_HOLDS: dict[str, Callable[[float, float], bool]] = {"<=": operator.le, ">=": operator.ge}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number. `hold` is what it is held to (`<= 0.05`, in the same unit), empty for a peer's or a bare
    fact. `value` is None when it was not measured, and then `note` says why."""

    value: float | None
    unit: str
    hold: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if self.value is None and not self.note:
            raise ValueError("a figure that was not measured says why")

    @property
    def ok(self) -> bool | None:
        """None when there is nothing to hold, or nothing was measured."""
        if not self.hold or self.value is None:
            return None
        sign, bound = self.hold.split()
        return _HOLDS[sign](self.value, float(bound))

    def plain(self) -> dict[str, object]:
        value = None if self.value is None else float(f"{self.value:.4g}")
        row: dict[str, object] = {"value": value, "unit": self.unit, "hold": self.hold, "ok": self.ok}
        return row | ({"note": self.note} if self.note else {})


Figures = dict[str, Figure]


def machine() -> dict[str, object]:
    """What a reader must know to compare; nothing that names it."""
    cpu = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "at": now().isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "cpu": cpu[1] if cpu else platform.machine(),
        "memory_gb": round(pages / 2**30, 1),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }
