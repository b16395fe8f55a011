"""The relay on a GPIO pin of the box: the one place that knows gpiozero.

Which of its libraries reaches the pins is gpiozero's affair (lgpio on a Raspberry Pi; GPIOZERO_PIN_FACTORY
names another). lgpio writes a small file into the working folder: a service must be able to.
"""

import sys
from contextlib import suppress
from typing import Any

__all__ = ["GpioRelay", "RelayFault"]

_LOW = ":low"
_FAULTS = (OSError, ValueError, RuntimeError)


class RelayFault(Exception):
    """The relay could not be switched; the text says why and what to do."""


class GpioRelay:
    """A relay on `pin`, as gpiozero names pins: `GPIO17`, `BOARD11`, `J8:11`.

    `GPIO17:low` is for relay boards that close when the pin is at 0 V, as many cheap ones do. The pin is
    taken when the relay is first switched, so that a box whose pins are out of order starts all the same.
    """

    def __init__(self, pin: str) -> None:
        self.name = pin
        self._active_high = not pin.endswith(_LOW)
        self._pin = pin.removesuffix(_LOW)
        self._device: Any = None

    def set(self, closed: bool) -> None:
        """Close or open it. Raises RelayFault."""
        try:
            import gpiozero
        except ImportError as fault:
            raise RelayFault(
                f"gpiozero is not installed ({fault}): the box needs the extra [gpio]"
            ) from fault
        faults: tuple[type[Exception], ...] = (gpiozero.GPIOZeroError, *_FAULTS, *_of_lgpio())
        try:
            if self._device is None:
                self._device = gpiozero.DigitalOutputDevice(
                    self._pin, active_high=self._active_high, initial_value=closed
                )
            self._device.value = int(closed)
        except faults as fault:
            self._let_go(faults)
            raise RelayFault(
                f"the relay at {self.name} cannot be switched: {type(fault).__name__}: {fault}; see that "
                "lgpio is installed, that the pin is free and that this user may use pins (group gpio)"
            ) from fault

    def _let_go(self, faults: tuple[type[Exception], ...]) -> None:
        """Take the pin anew the next time."""
        device, self._device = self._device, None
        with suppress(*faults):
            if device is not None:
                device.close()


def _of_lgpio() -> tuple[type[Exception], ...]:
    """It raises an exception of its own, through gpiozero; it is there only if gpiozero has chosen it."""
    error = getattr(sys.modules.get("lgpio"), "error", None)
    return (error,) if isinstance(error, type) and issubclass(error, Exception) else ()
