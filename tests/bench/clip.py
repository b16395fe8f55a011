"""A 30-minute MP3 as a levelled clip, beside the ffmpeg command line doing the same.

The recording is Vietnamese speech by espeak-ng with a second of silence between sentences: 44.1 kHz stereo
MP3 at 128 kbit/s, made once and kept in build/bench. ffmpeg measures the loudness in one pass and levels,
limits and encodes in a second, at the same rate and bitrate; it does not trim, check what it was given, hear
the finished clip once more, or lay it on the disk by content. Both run in turns. Processor time is told
beside the time that passed: on a busy machine it is the fairer of the two.
"""

import re
import resource
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import av
import numpy as np

from broadcaster.sound.finishing import MUSIC
from broadcaster.sound.library import Library
from broadcaster.sound.making import make_recording
from tests.bench._figure import BUILD, Figure, Figures

ROUNDS = 3
MINUTES = 30
LOUDNESS = -16.0
CEILING = 10 ** (-1.5 / 20)
RATE = 44_100

_MONO = "aresample=48000,aformat=channel_layouts=mono"

_WORDS = (
    "Kính thưa bà con, tuần này trạm y tế xã tổ chức tiêm vắc xin cho trẻ em tại nhà văn hóa thôn. "
    "Đề nghị các gia đình đưa các cháu đến đúng giờ và mang theo sổ tiêm chủng. "
    "Trưởng thôn nhắc bà con khơi thông kênh mương trước mùa mưa bão."
)


def recording() -> Path:
    """The MP3, made when it is not there."""
    path = BUILD / f"speech-{MINUTES}min.mp3"
    if path.exists():
        return path
    BUILD.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=BUILD) as folder:
        spoken, fresh = Path(folder, "spoken.wav"), Path(folder, "speech.mp3")
        subprocess.run(["espeak-ng", "-v", "vi", "-w", str(spoken), _WORDS], check=True)
        _repeated(spoken, fresh)
        fresh.rename(path)
    return path


def _repeated(spoken: Path, into: Path) -> None:
    """The same words again and again, each time at another level, for MINUTES."""
    resampler = av.AudioResampler(format="s16", layout="stereo", rate=RATE)
    with av.open(str(spoken)) as source:
        frames = [out for frame in source.decode(audio=0) for out in resampler.resample(frame)]
    once = np.concatenate([frame.to_ndarray() for frame in [*frames, *resampler.resample(None)]], axis=1)
    once = np.concatenate([once, np.zeros((1, 2 * RATE), np.int16)], axis=1)
    with av.open(str(into), "w", format="mp3") as sink:
        stream = sink.add_stream("libmp3lame", rate=RATE, layout="stereo", bit_rate=128_000)
        left = MINUTES * 60 * RATE
        loudness = np.random.default_rng(1)
        while left > 0:
            again = (once[:, : 2 * left] * loudness.uniform(0.2, 1.0)).astype(np.int16)
            frame = av.AudioFrame.from_ndarray(again, format="s16", layout="stereo")
            frame.sample_rate = RATE
            sink.mux(stream.encode(frame))
            left -= again.shape[1] // 2
        sink.mux(stream.encode(None))


@dataclass(frozen=True, slots=True)
class Taken:
    """What one run took, in seconds: time that passed, and processor time of it and its children."""

    wall: float
    processor: float


class Watch:
    """Runs from when it is made."""

    def __init__(self) -> None:
        self._wall, self._processor = perf_counter(), processor_seconds()

    def read(self) -> Taken:
        return Taken(perf_counter() - self._wall, processor_seconds() - self._processor)


def processor_seconds() -> float:
    both = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(used.ru_utime + used.ru_stime for used in both)


def ours(source: Path) -> Taken:
    with TemporaryDirectory(dir=BUILD) as folder:
        watch = Watch()
        made = make_recording(Library(Path(folder)), source, title="Bản tin", joins=True)
        taken = watch.read()
        if abs(made.clip.length.total_seconds() - MINUTES * 60) > 10:
            raise RuntimeError(f"a clip of {made.clip.length} came out")
        return taken


def theirs(ffmpeg: str, source: Path) -> Taken:
    with TemporaryDirectory(dir=BUILD) as folder:
        quiet = [ffmpeg, "-hide_banner", "-nostdin", "-nostats", "-y", "-i", str(source)]
        watch = Watch()
        first = [*quiet, "-af", f"{_MONO},ebur128=peak=true:framelog=quiet", "-f", "null", "-"]
        said = subprocess.run(first, capture_output=True, text=True, check=True).stderr
        heard = re.findall(r"I:\s+(-?[\d.]+) LUFS", said)
        gain = LOUDNESS - float(heard[-1])
        level = f"{_MONO},volume={gain}dB,alimiter=limit={CEILING}:level=false"
        encode = ["-c:a", "libopus", "-b:a", str(MUSIC), str(Path(folder, "clip.opus"))]
        subprocess.run([*quiet, "-af", level, *encode], capture_output=True, check=True)
        return watch.read()


def peak_megabytes() -> float:
    """The most that this process or one it has waited for ever held."""
    both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(whose).ru_maxrss for whose in both) / 1024


def measure() -> Figures:
    source = recording()
    ffmpeg = shutil.which("ffmpeg")
    mine, peers = [ours(source)], []
    memory = peak_megabytes()  # before ffmpeg is one of those waited for
    for _ in range(ROUNDS):
        mine.append(ours(source))
        if ffmpeg is not None:
            peers.append(theirs(ffmpeg, source))
    wall, processor = median(one.wall for one in mine[1:]), median(one.processor for one in mine[1:])
    figures = {
        "clip": Figure(value=wall, unit="s"),
        "clip_processor": Figure(value=processor, unit="s"),
        "memory": Figure(value=memory, unit="MB", note="the larger process"),
    }
    if not peers:
        why = "ffmpeg is not on PATH"
        return figures | {"clip_to_ffmpeg": Figure(value=None, unit="ratio", hold="<= 1.15", note=why)}
    peer_wall, peer_processor = (median(one.wall for one in peers), median(one.processor for one in peers))
    return figures | {
        "ffmpeg": Figure(value=peer_wall, unit="s"),
        "ffmpeg_processor": Figure(value=peer_processor, unit="s"),
        "clip_to_ffmpeg": Figure(value=wall / peer_wall, unit="ratio", hold="<= 1.15"),
        "clip_to_ffmpeg_processor": Figure(value=processor / peer_processor, unit="ratio"),
    }
