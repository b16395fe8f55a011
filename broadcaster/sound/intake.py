"""Recordings people hand in, decoded and encoded where they can do no harm.

A sound file can be made to crash a decoder, to fill memory or disk, or to keep a core busy for ever. So it
is opened only in a child process that has no environment, no keys in memory, no files of ours open, and
limits on time, memory and what it may write. The parent reads nothing but its verdict: one line of JSON.

    take_in   a recording becomes a levelled clip
    judge     is it all right? (`broadcaster check`)
    main      the child
"""

import os
import resource
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from broadcaster.sound.codec import LONGEST, read_blocks
from broadcaster.sound.faults import BadSound, Fault
from broadcaster.sound.finishing import finish
from broadcaster.sound.loudness import Silent, settled, survey

__all__ = ["judge", "main", "take_in"]

_TIME = timedelta(hours=1)  # four hours of MP3 take 8 min of a PC, and most of this on a small board
_MEMORY = 1_000_000_000  # bytes of addresses; 400 MB are the libraries themselves
_OVERHEAD = 1.1  # a clip is up to 4 % bigger than its bit rate makes it
_SMALLEST_LIMIT = 2_000_000  # bytes
_FILES = 64
_VERDICT = 10_000  # bytes; more is not a verdict
_DETAIL = 200  # characters of it that are shown


class _Verdict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`fault` None: all is well. `errno` is set for what is the disk's fault instead."""

    frames: int = 0
    fault: Fault | None = None
    detail: str = ""
    errno: int | None = None


def take_in(
    path: Path,
    into: Path,
    *,
    bitrate: int,
    name: str | None = None,
    limit: timedelta = LONGEST,
    time: timedelta = _TIME,
) -> int:
    """Make the recording at `path` a levelled clip at `into`; returns its frames.

    The recording may last `limit`, and taking it in `time`. Raises BadSound, naming the file `name` if
    given; OSError for the disk's faults, also a full one.
    """
    arguments = [str(path.absolute()), str(limit.total_seconds()), str(bitrate), str(into.absolute())]
    return _asked(arguments, name or path.name, time).frames


def judge(path: Path) -> str | None:
    """What is wrong with a sound file that exists, as a sentence; None when nothing is. Decodes it all."""
    try:
        _asked([str(path.absolute()), str(LONGEST.total_seconds())], path.name, _TIME)
    except (BadSound, OSError) as fault:
        return str(fault)
    return None


def _asked(arguments: list[str], name: str, time: timedelta) -> _Verdict:
    with TemporaryDirectory(prefix="intake-") as folder, (Path(folder) / "verdict").open("w+b") as answer:
        child = subprocess.Popen(
            [sys.executable, "-I", "-B", "-m", "broadcaster.sound.intake", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=answer,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={"OPENBLAS_NUM_THREADS": "1"},  # a thread of it takes 30 MB, and there is little to reckon
            start_new_session=True,
        )
        try:
            child.wait(time.total_seconds())
        except BaseException as ending:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            if isinstance(ending, subprocess.TimeoutExpired):
                raise BadSound(name, Fault.UNDECODABLE, f"it took longer than {time}") from None
            raise
        answer.seek(0)
        return _believed(answer.read(_VERDICT), child.returncode, name)


def _believed(answer: bytes, code: int, name: str) -> _Verdict:
    try:
        verdict = msgspec.json.decode(answer, type=_Verdict)
    except msgspec.MsgspecError:
        raise BadSound(name, Fault.UNDECODABLE, _ending(code)) from None
    detail = "".join(filter(str.isprintable, verdict.detail))[:_DETAIL]
    if verdict.errno is not None:
        raise OSError(verdict.errno, detail, name)
    if verdict.fault is not None:
        raise BadSound(name, verdict.fault, detail)
    return verdict


def _ending(code: int) -> str:
    if code == -signal.SIGXCPU:
        return "it took too long"
    return "it made the decoder crash" if code < 0 else "the decoder gave it up"


def main(arguments: list[str]) -> None:
    """The child: `SOURCE SECONDS BITRATE INTO`, or `SOURCE SECONDS` to be judged. Prints the verdict."""
    source, limit = Path(arguments[0]), timedelta(seconds=float(arguments[1]))
    bitrate, into = (int(arguments[2]), Path(arguments[3])) if len(arguments) > 2 else (0, None)
    _be_modest(most_written=max(_SMALLEST_LIMIT, int(_OVERHEAD * bitrate / 8 * limit.total_seconds())))
    try:
        verdict = _Verdict(frames=_worked(source, limit, into, bitrate))
    except BadSound as fault:
        verdict = _Verdict(fault=fault.fault, detail=fault.detail)
    except Silent:
        verdict = _Verdict(fault=Fault.SILENT)
    except MemoryError:
        verdict = _Verdict(fault=Fault.UNDECODABLE, detail="it would need too much memory")
    except OSError as error:
        verdict = _Verdict(errno=error.errno or 0, detail=error.strerror or str(error))
    sys.stdout.buffer.write(msgspec.json.encode(verdict))
    sys.stdout.flush()


def _worked(source: Path, limit: timedelta, into: Path | None, bitrate: int) -> int:
    if into is None:
        return settled(survey(read_blocks(source, limit=limit))).frames
    return finish(lambda: read_blocks(source, limit=limit), into, bitrate=bitrate)


def _be_modest(most_written: int) -> None:
    """Give up what a decoder never needs; there is no way back."""
    os.nice(5)  # what is on air goes first
    for limit, most in (
        (resource.RLIMIT_CPU, int(_TIME.total_seconds())),
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_FSIZE, most_written),
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(limit)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (most, most))


if __name__ == "__main__":
    main(sys.argv[1:])
