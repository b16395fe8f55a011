"""How often a known sound is found in what a unit has spoken."""

import numpy as np

from broadcaster.sound.codec import Samples

__all__ = ["Finder"]

_ALIKE = 0.4
"""How well it fits where it is: 1 is the very same up to loudness; less when a part of it is missing."""


class Finder:
    """Finds `wanted` in a sound that grows; what was searched is not searched again."""

    def __init__(self, wanted: Samples) -> None:
        self._wanted = wanted.astype(np.float64) / np.linalg.norm(wanted)
        self._from = 0
        self.found: list[int] = []
        """The frames on which it begins."""

    def search(self, sound: Samples) -> None:
        """Search all of the sound there is by now."""
        long = len(self._wanted)
        fresh = sound[self._from :].astype(np.float64)
        if len(fresh) < 2 * long:
            return
        size = 1 << int(np.ceil(np.log2(len(fresh) + long)))
        fit = np.fft.irfft(np.fft.rfft(fresh, size) * np.conj(np.fft.rfft(self._wanted, size)), size)
        energy = np.concatenate([[0.0], np.cumsum(fresh**2)])
        places = len(fresh) - long + 1
        there = np.sqrt(np.maximum(energy[long:] - energy[:places], 1e-6))
        fit = fit[:places] / there
        while fit.max(initial=0.0) > _ALIKE:
            at = int(np.argmax(fit))
            fit[max(at - long // 2, 0) : at + long // 2] = 0
            if not any(abs(self._from + at - known) < long // 2 for known in self.found):
                self.found.append(self._from + at)
        self._from += places - 1
