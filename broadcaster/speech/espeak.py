"""The offline voice: espeak-ng as a separate program; the one file that knows it.

Always there once installed, in a hundred languages, and poor in Vietnamese: the last of the chain.

Measured, and therefore so:
- the words go in by stdin: as an argument, words that begin with `-` would be options;
- espeak-ng obeys \\x01 and what follows it, drops all after a NUL (a Request holds neither), and takes
  `[[...]]` for phonemes;
- sound comes out by stdout: with `-w` on a full disk it cuts the words short and says that all is well;
- the header on stdout claims 2 GB, so a right one is written here;
- in one process with us it is not safe for threads, so it is a child of its own each time;
- what it says of itself takes longer than a sentence (5 and 15 ms), so it is asked once.
"""

import io
import re
import shutil
import subprocess
import wave
from datetime import timedelta
from pathlib import Path

from broadcaster.speech import Request, VoiceFailed
from broadcaster.speech.ear import Unsound, deliver
from broadcaster.speech.tongues import tongue

__all__ = ["EspeakVoice"]

_PACE = 150  # words a minute; its own 175 is too hasty for a horn in the open
_LIMIT = timedelta(seconds=15)  # 1,000 characters take 0.1 s on a PC
_HEADER = 44  # bytes of RIFF header on stdout, always this form
_OTHER = re.compile(r"\(([a-z][a-z0-9-]+) \d+\)")
_HARMLESS = str.maketrans("[]<>", "    ")


class EspeakVoice:
    """espeak-ng, found on PATH unless `program` is a path of its own."""

    name = "espeak-ng"

    def __init__(self, program: str = "espeak-ng", *, limit: timedelta = _LIMIT) -> None:
        self.limit = limit
        self._program = program
        self._said: dict[tuple[str, int, int], bytes] = {}

    @property
    def version(self) -> str:
        """Like `1.51-150wpm`."""
        said = self._of_itself("--version")  # eSpeak NG text-to-speech: 1.51  Data at: ...
        number = said.partition(":")[2].split()
        if not number:
            raise VoiceFailed(f"{self._program} does not say its version; is it espeak-ng?", later=False)
        return f"{number[0]}-{_PACE}wpm"

    def languages(self) -> frozenset[str]:
        """Of its table of voices the second column, and what stands like `(zh 5)` at the end of a row."""
        rows = self._of_itself("--voices").splitlines()[1:]
        columns = [row.split(maxsplit=2) for row in rows]
        own = {column[1] for column in columns if len(column) == 3}
        other = {tag for column in columns for tag in _OTHER.findall(column[-1])}
        return frozenset(own | other)

    def speak(self, request: Request, into: Path) -> None:
        language = tongue(request.language, self.languages())
        if language is None:
            raise VoiceFailed(f"it does not speak {request.language!r}", later=False)
        options = ["-v", language, "-s", str(_PACE), "-b", "1", "--stdin", "--stdout"]
        spoken = self._run(*options, words=request.words.translate(_HARMLESS))
        try:
            deliver(_wav(spoken), request, into)
        except Unsound as wrong:
            raise VoiceFailed(f"it spoke, but: {wrong}", later=False) from wrong

    def _of_itself(self, option: str) -> str:
        """What the program says of itself; remembered as long as its file looks the same."""
        try:
            seen = Path(shutil.which(self._program) or self._program).stat()
        except OSError:  # it is not there, which starting it tells better
            return self._run(option).decode("utf-8", "replace")
        key = option, seen.st_mtime_ns, seen.st_ino
        if key not in self._said:
            self._said[key] = self._run(option)
        return self._said[key].decode("utf-8", "replace")

    def _run(self, *options: str, words: str = "") -> bytes:
        try:
            done = subprocess.run(
                [self._program, *options],
                input=words.encode(),
                capture_output=True,
                timeout=self.limit.total_seconds(),
                check=False,
            )
        except FileNotFoundError:
            raise VoiceFailed("it is not installed: apt install espeak-ng", later=False) from None
        except subprocess.TimeoutExpired:
            why = f"it was not done after {self.limit.total_seconds():g} s"
            raise VoiceFailed(why, later=True) from None
        except OSError as wrong:
            raise VoiceFailed(f"it cannot be started: {wrong.strerror}", later=True) from wrong
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip() or f"exit code {done.returncode}"
            raise VoiceFailed(f"it failed: {said}", later=False)
        return done.stdout


def _wav(spoken: bytes) -> bytes:
    """The same 16-bit mono sound under a header that tells its true length."""
    if len(spoken) <= _HEADER or not spoken.startswith(b"RIFF"):
        raise Unsound("no sound came out")
    whole = io.BytesIO()
    with wave.open(whole, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(int.from_bytes(spoken[24:28], "little"))
        file.writeframes(spoken[_HEADER:])
    return whole.getvalue()
