"""Files to samples and samples to files: the one place that knows PyAV (FFmpeg as a library).

Laws
1. Everything streams: memory does not grow with the length of the file.
2. A path is a path: FFmpeg would take `concat:a|b` or `http://…` for orders, and a playlist for a list of
   files to fetch. It gets `file:` before every path, may open nothing but files, and knows only the
   containers of `_CONTAINERS`.
3. What libraries raise stops here: BadSound for the file's fault, OSError for the disk's.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from stat import S_ISREG
from typing import Self

import av
import av.error
import av.filter
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from numpy.typing import NDArray

from broadcaster.domain.plan import FRAME_RATE, length_of
from broadcaster.sound import heads
from broadcaster.sound.faults import BadSound, Fault

__all__ = [
    "FRAME_RATE",
    "LONGEST",
    "BadSound",
    "ClipReader",
    "Gauge",
    "Probe",
    "Samples",
    "probe",
    "read_blocks",
    "write_opus",
]

Samples = NDArray[np.float32]
"""Mono sound at 48 kHz, shape (frames,), values in [-1, 1]."""

LONGEST = timedelta(hours=4, minutes=10)
"""No recording may be longer, unless the caller says otherwise."""

_BLOCK = FRAME_RATE // 2  # decoders give pieces of 20 ms; half a second is cheaper to hand on
_CONTAINERS = "mp3,wav,w64,ogg,flac,mov,matroska,aac,aiff,caf,amr,asf,au"
_SAY_THEIR_LENGTH = {"wav", "w64", "flac", "mov", "matroska", "aiff", "caf", "ogg"}
_WIDEST = 8  # 7.1; nothing wider has an agreed way down to mono
_RATES = range(4_000, 400_000)  # outside, a small file could be blown up without end
_HURRIED_EFFORT = 5  # of libopus' 10: 20 words in 25 ms of a PC instead of 93, no less like what they were
_ENOUGH_DAMAGE = 1  # second lost in all: more than a scratch
_RUN_UP = FRAME_RATE
"""How long a seek decodes before its frame. RFC 7845 asks for 80 ms, but noise needs 500 ms to come out
the same to the last bit, and the last page of an Ogg file, up to a second long, is dated wrongly by FFmpeg
when it is entered from a seek, for its end is trimmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a sound file says of itself. `length` is None where it does not say, or could only guess."""

    format: str
    codec: str
    length: timedelta | None


def probe(path: Path) -> Probe:
    """Look at a sound file's head, quickly. Raises BadSound when it holds no sound, OSError if unreadable."""
    with _opened(path, _CONTAINERS) as (container, stream):
        said = _said_length(path, container, stream)
        return Probe(
            format=container.format.name,
            codec=stream.codec_context.name,
            length=None if said is None else length_of(said),
        )


def read_blocks(path: Path, *, limit: timedelta = LONGEST) -> Iterator[Samples]:
    """Decode a sound file of any kind as a stream of blocks (never empty; of about half a second).

    Raises BadSound, also in the middle (a damaged file, one longer than `limit`), OSError when unreadable.
    """
    most = round(limit.total_seconds() * FRAME_RATE)
    with _opened(path, _CONTAINERS) as (container, stream):
        said = _said_length(path, container, stream)
        if said is not None and said > most:
            raise BadSound(path, Fault.TOO_LONG, f"{_clock(said)}, and the limit is {_clock(most)}")
        frames = 0
        for block in _resampled(path, _decoded(path, container, stream)):
            frames += len(block)
            if frames > most:
                raise BadSound(path, Fault.TOO_LONG, f"longer than the limit of {_clock(most)}")
            yield block
    if frames == 0:
        raise BadSound(path, Fault.NOT_SOUND)
    if said is not None and frames < 0.99 * said - FRAME_RATE:
        raise BadSound(path, Fault.CUT_OFF, f"{_clock(frames)} of the {_clock(said)} it announces")


@contextmanager
def _opened(path: Path, containers: str) -> Iterator[tuple[InputContainer, AudioStream]]:
    container, stream = _open(path, containers)
    try:
        yield container, stream
    finally:
        container.close()


def _open(path: Path, containers: str) -> tuple[InputContainer, AudioStream]:
    seen = path.stat()
    if not S_ISREG(seen.st_mode):
        raise BadSound(path, Fault.NOT_SOUND, ": it is not a file")
    if seen.st_size == 0:
        raise BadSound(path, Fault.EMPTY)
    path.open("rb").close()  # forbidden: said as what it is, before FFmpeg has its own word for it
    try:
        container = av.open(
            f"file:{path.absolute()}",
            mode="r",
            options={"protocol_whitelist": "file", "format_whitelist": containers},
            metadata_errors="replace",  # tags of old Vietnamese MP3s are often in TCVN3, not in UTF-8
        )
    except av.error.FFmpegError as error:
        raise BadSound(path, Fault.NOT_SOUND) from error
    if container.streams.audio and container.streams.audio[0].codec_context is not None:
        return container, container.streams.audio[0]
    pictures = bool(container.streams.video)
    container.close()
    raise BadSound(path, Fault.NO_SOUND, "pictures" if pictures else "other things")


def _said_length(path: Path, container: InputContainer, stream: AudioStream) -> int | None:
    """The frames a file announces, at 48 kHz. FFmpeg's guesses from size and bit rate do not count."""
    family = container.format.name.partition(",")[0]
    if family not in _SAY_THEIR_LENGTH and not (family == "mp3" and heads.mp3_says_length(path)):
        return None
    if stream.duration is not None and stream.time_base is not None:
        seconds = stream.duration * stream.time_base
    elif container.duration is not None and len(container.streams) == 1:
        seconds = Fraction(container.duration, av.time_base)
    else:
        return None
    return int(seconds * FRAME_RATE * (heads.wav_shortfall(path) if family == "wav" else 1))


def _decoded(path: Path, container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """What can be decoded, scratches left out. Raises BadSound when there are too many of them."""
    lost = heard = Fraction(0)
    try:
        for packet in container.demux(stream):
            span = (packet.duration or 0) * stream.time_base if stream.time_base else Fraction(0)
            try:
                frames = packet.decode()
            except av.error.FFmpegError:  # decoders say it with every word there is, EPERM among them
                lost += span
                if lost > _ENOUGH_DAMAGE:
                    break
                continue
            heard += span if frames else 0
            yield from frames
        else:
            return
    except av.error.FFmpegError:
        pass  # nothing more can be found in the container
    if not heard:
        raise BadSound(path, Fault.NOT_SOUND)
    raise BadSound(path, Fault.DAMAGED, _clock(int((heard + lost) * FRAME_RATE)))


def _resampled(path: Path, frames: Iterator[AudioFrame]) -> Iterator[Samples]:
    """To 48 kHz mono, in blocks. Files joined from several may change their shape on the way."""
    shape: tuple[str, str, int] | None = None
    resampler: AudioResampler | None = None
    for frame in frames:
        if shape != (shape := (frame.format.name, frame.layout.name, frame.sample_rate)):
            if resampler is not None:
                yield from _through(path, resampler, None)
            width, rate = frame.layout.nb_channels, frame.sample_rate
            if width > _WIDEST or rate not in _RATES:
                raise BadSound(path, Fault.ODD_SHAPE, f"{width} voices side by side at {rate} Hz")
            # To float, stereo would come out 3 dB louder.
            resampler = AudioResampler("s32", "mono", FRAME_RATE, frame_size=_BLOCK)
        assert resampler is not None
        yield from _through(path, resampler, frame)
    if resampler is not None:
        yield from _through(path, resampler, None)  # the last 17 or so samples are still inside


def _through(path: Path, resampler: AudioResampler, frame: AudioFrame | None) -> Iterator[Samples]:
    try:
        yield from map(_floats, resampler.resample(frame))
    except av.error.FFmpegError as error:
        voices = f"{frame.layout.name} voices" if frame is not None else "voices"
        raise BadSound(path, Fault.ODD_SHAPE, f"{voices}, which no one knows how to make one") from error


def _floats(frame: AudioFrame) -> Samples:
    samples: Samples = frame.to_ndarray()[0].astype(np.float32)
    samples *= np.float32(2.0**-31)
    return samples


def _clock(frames: int) -> str:
    """Frames as people read them: 1:02:03."""
    return str(timedelta(seconds=round(frames / FRAME_RATE)))


def write_opus(blocks: Iterable[Samples], into: Path, *, bitrate: int, hurried: bool = False) -> int:
    """Encode to Ogg/Opus at `bitrate` bit/s and return the frames, exactly as many as decoding gives back.

    `hurried` takes a quarter of the time. The same samples give the same bytes. Raises OSError (what is at
    `into` is then not whole, so write to a temporary name), ValueError when there is not one frame.
    """
    # Free VBR gives tones and clean voices up to 60 % more than was asked for; units may pay for every byte.
    options = {"application": "audio", "frame_duration": "20", "vbr": "constrained"}
    if hurried:
        options |= {"compression_level": str(_HURRIED_EFFORT)}
    frames = 0
    with av.open(f"file:{into.absolute()}", "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libopus", rate=FRAME_RATE, options=options, layout="mono")
        stream.bit_rate = bitrate
        for block in blocks:
            if len(block):
                container.mux(stream.encode(_frame(block, frames)))
                frames += len(block)
        if not frames:
            raise ValueError("a clip needs at least one frame")
        container.mux(stream.encode(None))
    return frames


def _frame(block: Samples, at: int) -> AudioFrame:
    frame = AudioFrame.from_ndarray(
        np.ascontiguousarray(block[np.newaxis], dtype=np.float32), format="flt", layout="mono"
    )
    frame.sample_rate = FRAME_RATE
    frame.time_base = Fraction(1, FRAME_RATE)
    frame.pts = at
    return frame


class ClipReader:
    """Read a clip (Ogg/Opus as `write_opus` makes it) from any frame on, a little at a time.

    For a feeder thread: opening takes milliseconds, `read` decodes no more than it returns plus one
    packet (20 ms), `seek` decodes a second (3 ms on a PC). Used by one thread at a time.
    """

    def __init__(self, path: Path) -> None:
        """Open. Raises BadSound when it is not a clip, OSError when it cannot be read."""
        self._path = path
        self._container, self._stream = _open(path, "ogg")
        head = self._stream.codec_context.extradata or b""
        mono = head[:8] == b"OpusHead" and head[9:10] == b"\x01"
        pre_skip = int.from_bytes(head[10:12], "little")
        self.frames: int = (self._stream.duration or 0) - pre_skip
        """Length of the whole clip."""
        if not mono or self.frames <= 0:
            self._container.close()
            raise BadSound(path, Fault.NOT_SOUND, ": not a clip of 48 kHz mono Ogg/Opus")
        self._decoded = self._container.decode(self._stream)
        self._ready: list[Samples] = []
        self._held = 0  # frames in _ready
        self._at = 0  # where _ready begins

    def read(self, frames: int) -> Samples:
        """The next `frames` frames, fewer at the end, none after it. Raises BadSound when damaged."""
        frames = min(frames, self.frames - self._at)
        while self._held < frames:
            self._fill()
        whole = np.concatenate(self._ready) if self._ready else np.zeros(0, np.float32)
        self._ready, self._held = [whole[frames:]], len(whole) - frames
        self._at += frames
        return whole[:frames]

    def seek(self, frame: int) -> None:
        """Go to `frame`, 0 to `frames`: what `read` gives next is what a straight read gives from there.

        Raises BadSound when damaged, ValueError for a frame outside the clip.
        """
        if not 0 <= frame <= self.frames:
            raise ValueError(f"frame {frame} is outside the clip, which has {self.frames}")
        try:
            self._container.seek(max(0, frame - _RUN_UP), stream=self._stream)
        except av.error.FFmpegError as error:
            raise BadSound(self._path, Fault.DAMAGED, _clock(frame)) from error
        self._decoded = self._container.decode(self._stream)
        self._ready, self._held, self._at = [], 0, frame
        if frame < self.frames:
            self._fill()

    def close(self) -> None:
        """Let go of the file. Safe to call twice; also done on leaving a `with` block."""
        self._container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _fill(self) -> None:
        """Decode at least one more frame to follow what is ready."""
        wanted = self._at + self._held
        try:
            for frame in self._decoded:
                begin = wanted if frame.pts is None else frame.pts
                if begin > wanted:
                    break
                if begin + frame.samples > wanted:
                    piece: Samples = frame.to_ndarray()[0][wanted - begin :].astype(np.float32, copy=False)
                    self._ready.append(piece)
                    self._held += len(piece)
                    return
        except av.error.FFmpegError as error:
            raise BadSound(self._path, Fault.DAMAGED, _clock(wanted)) from error
        raise BadSound(self._path, Fault.CUT_OFF, f"{_clock(wanted)} of {_clock(self.frames)}")


class Gauge:
    """EBU R128 loudness of sound handed over block by block (FFmpeg's ebur128)."""

    _STEP = FRAME_RATE // 10  # R128 speaks every 100 ms, and FFmpeg keeps silent about what is left over

    def __init__(self) -> None:
        self._graph = graph = av.filter.Graph()  # its parts do not keep it alive, and crash without it
        times = Fraction(1, FRAME_RATE)
        self._source = graph.add_abuffer(sample_rate=FRAME_RATE, format="flt", layout="mono", time_base=times)
        gauge = graph.add("ebur128", "metadata=1")
        self._sink = graph.add("abuffersink")
        self._source.link_to(gauge)
        gauge.link_to(self._sink)
        graph.configure()
        self._frames = 0
        self._said: dict[str, str] = {}

    def add(self, block: Samples) -> None:
        """Hear the next block."""
        if len(block):
            self._source.push(_frame(block, self._frames))
            self._frames += len(block)
            self._listen()

    def result(self) -> float | None:
        """Integrated loudness in LUFS; None where R128 has none: all below its gate, or shorter than 400 ms.

        Add nothing after it.
        """
        self.add(np.zeros(-self._frames % self._STEP, np.float32))
        self._source.push(None)
        self._listen()
        loudness = float(self._said.get("lavfi.r128.I", "-70"))
        return None if loudness <= -70 else loudness

    def _listen(self) -> None:
        while True:
            try:
                frame = self._sink.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            self._said = frame.metadata or self._said
