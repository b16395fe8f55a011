"""Listening: a sound server without a sound card, a capture of what it plays, and questions to ask of it.

Trap: without a quick reader on its monitor a null sink renders up to 2 s ahead and then stalls, so a capture
must have run for 2 s, until it hears silence flow, before anything plays (`Capture.start` sees to it).
"""

import os
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from broadcaster.clock import monotonic
from broadcaster.domain.plan import FRAME_RATE

__all__ = ["Capture", "SoundServer", "clicks", "follows", "gaps", "level", "murmur", "onset", "whereabouts"]

Samples = NDArray[np.float32]

HORNS = ("spk1", "spk2")
"""Left and right of the one captured sink, so that two units are compared to the sample."""


class SoundServer:
    """A PulseAudio of our own in `folder`: own socket, own ALSA configuration; the machine's is untouched.

    `environ` is what a process needs to speak through its `horns` (`default` is the first of them), which are
    the channels of one captured sink; `gone` is a horn that is listed and cannot be opened.
    """

    def __init__(self, folder: Path, horns: tuple[str, ...] = HORNS) -> None:
        self.horns = horns
        self._socket = folder / "pulse.sock"
        self._folder = folder
        self._server: subprocess.Popen[bytes] | None = None
        self.environ = {
            "ALSA_CONFIG_PATH": str(folder / "alsa.conf"),
            "PULSE_SERVER": f"unix:{self._socket}",
            "PULSE_RUNTIME_PATH": str(folder / "runtime"),
            "PULSE_COOKIE": str(folder / "cookie"),
        }

    def start(self) -> None:
        (self._folder / "runtime").mkdir(mode=0o700)
        (self._folder / "alsa.conf").write_text(
            "".join(_pcm(name, horn, self._socket) for name, horn in self._names())
        )
        modules = [
            f"module-null-sink sink_name=cap rate=48000 format=s16le {self.places}",
            *(
                f"module-remap-sink sink_name={horn} master=cap channels=1 channel_map=mono "
                f"master_channel_map=aux{number} remix=no"
                for number, horn in enumerate(self.horns)
            ),
            f"module-native-protocol-unix socket={self._socket} auth-anonymous=1",  # last: all is there
        ]
        words = ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"]
        words += [f"--log-target=file:{self._folder / 'pulse.txt'}"]
        for module in modules:
            words += ["-L", module]
        home = {"HOME": str(self._folder), "XDG_CONFIG_HOME": str(self._folder)}
        self._server = subprocess.Popen(
            words,
            env={**os.environ, **self.environ, **home},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = monotonic() + 10
        while not self._socket.exists():
            assert self._server.poll() is None, (self._folder / "pulse.txt").read_text()
            assert monotonic() < until, "the sound server does not come up"
            time.sleep(0.02)

    def stop(self) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.wait(10)

    @property
    def places(self) -> str:
        """The horns' places in the captured sink, as PulseAudio's tools want it said."""
        named = ",".join(f"aux{number}" for number in range(len(self.horns)))
        return f"channels={len(self.horns)} channel_map={named}"

    def _names(self) -> list[tuple[str, str]]:
        own = [(horn, horn) for horn in self.horns]
        return [*own, ("!default", self.horns[0]), ("gone", "no-such-sink")]


def _pcm(name: str, horn: str, socket: Path) -> str:
    return (
        f'pcm.{name} {{ type pulse server "unix:{socket}" device "{horn}" '
        f'hint {{ show on description "{horn}" }} }}\n'
    )


class Capture:
    """Everything the horns play from `start` to `stop`, with the time it was heard."""

    def __init__(self, server: SoundServer) -> None:
        self._server = server
        self._blocks: list[bytes] = []
        self._arrivals: list[tuple[int, float]] = []
        self._bytes = 0
        self._frames = 0
        self._reader: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._read, name="capture", daemon=True)

    def start(self) -> None:
        words = ["parec", "-d", "cap.monitor", "--latency-msec=5", "--format=s16le", "--rate=48000", "--raw"]
        count, named = self._server.places.replace("_", "-").split()
        self._reader = subprocess.Popen(
            [*words, "--no-remix", f"--{count}", f"--{named}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **self._server.environ},
        )
        self._thread.start()
        until = monotonic() + 10  # what was rendered ahead takes 2 s to run out
        while self._frames < FRAME_RATE // 2:
            assert monotonic() < until, "the capture hears nothing, not even silence"
            time.sleep(0.05)

    def stop(self) -> None:
        if self._reader is not None:
            self._reader.terminate()
            self._reader.wait(10)
            self._thread.join()
            assert self._reader.stdout is not None
            self._reader.stdout.close()

    def _read(self) -> None:
        assert self._reader is not None
        assert self._reader.stdout is not None
        while block := os.read(self._reader.stdout.fileno(), 1 << 16):
            self._blocks.append(block)
            self._bytes += len(block)
            self._frames = self._bytes // (2 * len(self._server.horns))
            self._arrivals.append((self._frames, monotonic()))

    def heard(self, begin: float, end: float) -> Samples:
        """What was heard between two monotonic seconds: (frames, horns), in [-1, 1]."""
        while self._arrivals[-1][1] < end + 0.1:
            time.sleep(0.02)
        horns, raw = len(self._server.horns), b"".join(self._blocks)
        sound = np.frombuffer(raw, np.int16, len(raw) // (2 * horns) * horns).reshape(-1, horns)
        early, rate = self._clock(begin, end)
        first, last = (round((moment - early) * rate) for moment in (begin, end))
        return (sound[max(first, 0) : last] / 32768).astype(np.float32)

    def _clock(self, begin: float, end: float) -> tuple[float, float]:
        """The monotonic second of frame 0, and frames a second, as they look between these two seconds.

        Nothing can arrive early, so the earliest arrivals of each half second tell; and a null sink is up to
        300 ppm fast, so those around the time in question do. Known to about 10 ms: a monitor gives a block
        when it is rendered, a little before it would sound.
        """
        frames, moments = np.array(self._arrivals[50:]).T
        near = (moments > begin - 5) & (moments < end + 5)
        frames, moments = frames[near], moments[near]
        late = moments - frames / FRAME_RATE
        halves = np.floor(2 * moments)
        earliest = np.array(
            [np.flatnonzero(halves == half)[np.argmin(late[halves == half])] for half in np.unique(halves)]
        )
        earliest = earliest[late[earliest] < late[earliest].min() + 0.1]  # after a hang all comes at once
        slope, _ = np.polyfit(frames[earliest], late[earliest], 1)
        return float(np.min(late - slope * frames)), FRAME_RATE / (1 + slope * FRAME_RATE)


def onset(sound: Samples, threshold: float = 0.02) -> int:
    """The first frame that is louder than `threshold`. Raises AssertionError when there is none."""
    loud = np.flatnonzero(np.abs(sound) > threshold)
    assert len(loud), "silence"
    return int(loud[0])


def level(sound: Samples) -> float:
    """RMS in dBFS."""
    power = float(np.mean(np.square(sound.astype(np.float64)))) if len(sound) else 0.0
    return 10 * float(np.log10(max(power, 1e-20)))


def gaps(sound: Samples, *, longer_than: float, threshold: float = 0.002) -> list[tuple[int, int]]:
    """Stillness of more than `longer_than` seconds between two sounds: (first frame, frames)."""
    loud = np.flatnonzero(np.abs(sound) > threshold)
    still = np.diff(loud) - 1
    return [
        (int(loud[number]) + 1, int(still[number]))
        for number in np.flatnonzero(still > longer_than * FRAME_RATE)
    ]


def clicks(sound: Samples, *, steepest: float) -> list[int]:
    """Frames at which the sound leaps: where its second difference is larger than `steepest`.

    A tone of amplitude a and f Hz bends by at most a·(2πf/48000)² a frame; a click a hundred times more.
    """
    bend = np.abs(np.diff(sound.astype(np.float64), 2))
    return [int(frame) + 1 for frame in np.flatnonzero(bend > steepest)]


def whereabouts(wanted: Samples, sound: Samples) -> tuple[int, float]:
    """Where `wanted` best fits in `sound` (frame), and how well (1 is the very same up to loudness)."""
    size = 1 << int(np.ceil(np.log2(len(sound) + len(wanted))))
    spectrum = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(wanted, size))
    fit = np.fft.irfft(spectrum, size)[: max(len(sound) - len(wanted) + 1, 1)]
    at = int(np.argmax(fit))
    there = sound[at : at + len(wanted)].astype(np.float64)
    ours = wanted[: len(there)].astype(np.float64)
    norm = float(np.linalg.norm(there) * np.linalg.norm(ours))
    return at, float(np.dot(there, ours) / norm) if norm else 0.0


def follows(wanted: Samples, sound: Samples, at: int, *, wander: int = 48) -> list[tuple[int, float]]:
    """How `sound` follows `wanted` from frame `at` on: for each twentieth of a second its lag and its fit.

    A unit plays a hair faster or slower to stay in step; the lag tells, and may `wander` that far.
    """
    piece = FRAME_RATE // 20
    found = []
    for first in range(0, len(wanted) - piece, piece):
        begin = max(at + first - wander, 0)
        lag, fit = whereabouts(wanted[first : first + piece], sound[begin : begin + piece + 2 * wander])
        found.append((lag + begin - at - first, fit))
    return found


def murmur(seconds: float, *, seed: int = 1, below: int = 3000) -> Samples:
    """Noise below so many Hz, as speech is: no two stretches alike, and half a frame of lag is little."""
    frames = round(seconds * FRAME_RATE)
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(0, 1, frames))
    spectrum[round(below * seconds) :] = 0
    sound = np.fft.irfft(spectrum, frames)
    loudest = float(np.max(np.abs(sound)))
    murmured: Samples = (0.5 / loudest * sound).astype(np.float32)
    return murmured
