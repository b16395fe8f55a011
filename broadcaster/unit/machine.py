"""What the machine under a unit says of itself: how hot it is, and whether its supply is strong enough.

Read from the kernel's files; what a machine does not have is None, and nothing here raises.
Sources: thermal zones in thousandths of a °C (Linux, Documentation/driver-api/thermal/sysfs-api.rst);
`get_throttled`, bit 0 under-voltage now, bit 16 since the machine was started (Raspberry Pi documentation,
vcgencmd); `in0_lcrit_alarm` of the hwmon device `rpi_volt` (Linux, drivers/hwmon/raspberrypi-hwmon.c).
"""

from collections.abc import Callable
from pathlib import Path

from broadcaster.domain.health import Supply

__all__ = ["supply", "temperature"]

_SYS = Path("/sys")
_THROTTLED = "devices/platform/soc/soc:firmware/get_throttled"
_LOW_NOW, _LOW_BEFORE = 1 << 0, 1 << 16
_SENSIBLE = range(-60, 200)
"""°C; a zone that says anything else is not connected."""


def temperature(sys: Path = _SYS) -> float | None:
    """Of the hottest place that is measured, in °C."""
    zones = (_number(path, int) for path in sys.glob("class/thermal/thermal_zone*/temp"))
    degrees = [zone / 1000 for zone in zones if zone is not None and zone // 1000 in _SENSIBLE]
    return max(degrees, default=None)


def supply(sys: Path = _SYS) -> Supply | None:
    """Whether the voltage is, or was, too low."""
    throttled = _number(sys / _THROTTLED, lambda text: int(text, 16))
    if throttled is not None:
        now, before = throttled & _LOW_NOW, throttled & _LOW_BEFORE
        return Supply.LOW if now else Supply.WAS_LOW if before else Supply.GOOD
    for name in sys.glob("class/hwmon/hwmon*/name"):
        if _number(name, lambda text: int(text == "rpi_volt")):
            alarm = _number(name.with_name("in0_lcrit_alarm"), int)
            return None if alarm is None else Supply.LOW if alarm else Supply.GOOD
    return None


def _number(path: Path, reads: Callable[[str], int]) -> int | None:
    try:
        return reads(path.read_text().strip())
    except (OSError, ValueError):
        return None
