"""The voices of a station, tried in their order or all at once, and the cache of what they spoke.

Laws
1. The best voice that can speaks all the words; one speech never changes its voice in the middle.
2. What a poorer voice spoke is kept as that voice's: the better one is still asked the next time.
3. A dead engine costs a few bulletins their time, not every bulletin (`patience`).
4. The cache may be emptied at any time. A file in it that is no longer sound is made again.
5. Who is in a hurry (`fastest`) waits for no engine that hangs, and for no disk.
"""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import Lock

from broadcaster import clock
from broadcaster.files import write_whole
from broadcaster.sound.memory import fleeting
from broadcaster.speech import NoVoice, Request, Voice, VoiceFailed
from broadcaster.speech.ear import Unsound, listen
from broadcaster.speech.parts import parts
from broadcaster.speech.patience import Patience
from broadcaster.speech.race import Race, first
from broadcaster.speech.tongues import tongue

__all__ = ["SpokenFile", "Voices"]

_IN_USE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenFile:
    """Words that were spoken, in one voice.

    parts: sound files to be joined in this order, at least one, each with a breath at its end (whatever they
    are called, the content tells the format). They lie in the cache: read, never change.
    voice, version: who spoke. from_cache: no engine was asked.
    passed_over: why each better voice of the chain did not speak, one line each; empty for the best.
    later: a better one may speak if asked again.
    """

    parts: tuple[Path, ...]
    voice: str
    version: str
    from_cache: bool
    passed_over: tuple[str, ...] = ()
    later: bool = False


_Outcome = SpokenFile | VoiceFailed | OSError


class Voices:
    """The chain: the first voice is the best, the last should work without a network.

    May be used from several threads. `cache` is a folder; it is made when missing.
    """

    def __init__(
        self, voices: Sequence[Voice], cache: Path, monotonic: Callable[[], float] = clock.monotonic
    ) -> None:
        self._voices = tuple(voices)
        self._cache = cache
        self._monotonic = monotonic
        self._patience: dict[str, Patience] = {}
        self._lock = Lock()
        self._race: Race[_Outcome] = Race()
        self._memory: Path | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The voices, the best first, the surest last."""
        return tuple(one.name for one in self._voices)

    def speak(self, words: str, language: str, voice: str | None = None) -> SpokenFile:
        """Speak `words` (already through `reading`) with the best voice that can, or with `voice` only.

        A voice asked for by name is tried even while it rests. Blocks, up to the voice's limit for every
        1,000 characters: never call it on the hub's loop or at air time. Raises NoVoice; OSError when the
        cache cannot be written (a full disk); ValueError for words that did not go through `reading`.
        """
        requests = tuple(Request(words=part, language=language) for part in parts(words))
        if not requests:
            raise ValueError("there is nothing to say: no letter and no digit")
        self._cache.mkdir(parents=True, exist_ok=True)
        passed_over: list[str] = []
        later = False
        for one in self._chosen(voice):
            try:
                spoken = self._spoken(one, requests, self._cache, named=voice is not None)
            except VoiceFailed as failed:
                passed_over.append(f"{one.name}: {failed}")
                later = later or failed.later
                continue
            return replace(spoken, passed_over=tuple(passed_over), later=later)
        raise NoVoice(passed_over, later=later)

    def fastest(
        self, words: str, language: str, limit: timedelta, *, best_within: timedelta | None = None
    ) -> SpokenFile:
        """Have all voices speak `words` (already through `reading`) at once: the best that is done within
        `best_within` (None: within `limit`) has spoken, after that whichever is done first, up to `limit`.

        Never takes longer than `limit`, whatever hangs, and needs no disk: what is spoken lies in memory, as
        long as these voices do, and is then put into the cache, if that can be written. Asked again for the
        same words it waits for what was begun. Raises NoVoice when nothing was ready; ValueError for words
        that did not go through `reading`.
        """
        requests = tuple(Request(words=part, language=language) for part in parts(words))
        if not requests:
            raise ValueError("there is nothing to say: no letter and no digit")
        begun = {one.name: self._begun(one, words, language, requests) for one in self._voices}
        ranked = [future for future in begun.values() if future is not None]
        best_within = limit if best_within is None else best_within
        won = first(ranked, best_within, limit, lambda outcome: isinstance(outcome, SpokenFile))
        passed_over: list[str] = []
        later = False
        for name, future in begun.items():
            outcome = future.result() if future is not None and future.done() else None
            if isinstance(won, SpokenFile) and won.voice == name:
                return replace(won, passed_over=tuple(passed_over), later=later)
            why = outcome if isinstance(outcome, VoiceFailed | OSError) else "it was not done in time"
            passed_over.append(f"{name}: {why}")
            later = later or not isinstance(outcome, VoiceFailed) or outcome.later
        raise NoVoice(passed_over, later=later)

    def speaks(self, language: str) -> bool:
        """Whether any voice has that language. Starts engines to ask them; no network."""
        for one in self._voices:
            with suppress(VoiceFailed):
                if tongue(language, one.languages()) is not None:
                    return True
        return False

    def tidy(self, room: int) -> None:
        """Forget what was not used for longest until the cache fits into `room` bytes.

        What was used within the hour stays: somebody may be mixing it. Raises OSError.
        """
        _tidy(self._cache, room)

    def _chosen(self, name: str | None) -> tuple[Voice, ...]:
        chosen = tuple(one for one in self._voices if name is None or one.name == name)
        if not chosen:
            known = ", ".join(one.name for one in self._voices) or "none"
            raise NoVoice([f"this station has no voice named {name!r}; it has {known}"], later=False)
        return chosen

    def _begun(
        self, one: Voice, words: str, language: str, requests: Sequence[Request]
    ) -> Future[_Outcome] | None:
        """One voice speaking into memory; None when it hangs too often already."""

        def speak() -> _Outcome:
            try:
                return self._spoken(one, requests, self._in_memory(), named=False)
            except (VoiceFailed, OSError) as cannot:
                return cannot

        return self._race.enter(one.name, _key(language, words), speak, self._keep)

    def _in_memory(self) -> Path:
        """A folder that needs no disk; what is old in it goes."""
        with self._lock:
            if self._memory is None:
                self._memory = fleeting(self)
        _tidy(self._memory, 0)
        return self._memory

    def _keep(self, outcome: _Outcome) -> None:
        """Put what was spoken in a hurry into the cache: a convenience, and a full disk may refuse it."""
        if not isinstance(outcome, SpokenFile):
            return
        with suppress(OSError):
            self._cache.mkdir(parents=True, exist_ok=True)
            for part in outcome.parts:
                if part.parent != self._cache:
                    write_whole(self._cache / part.name, part.read_bytes())

    def _spoken(self, one: Voice, requests: Sequence[Request], into: Path, *, named: bool) -> SpokenFile:
        version = one.version
        files, from_cache = self._files(one, version, requests, into, named=named)
        return SpokenFile(parts=files, voice=one.name, version=version, from_cache=from_cache)

    def _files(
        self,
        voice: Voice,
        version: str,
        requests: Sequence[Request],
        into: Path,
        *,
        named: bool,
    ) -> tuple[tuple[Path, ...], bool]:
        """One file a request, all by this voice, and whether all were there already; what was not is now in
        the folder `into`. Raises VoiceFailed."""
        files: list[Path] = []
        from_cache = True
        for request in requests:
            name = f"{_key(request.words, request.language, voice.name, version)}.sound"
            file = next((file for file in (self._cache / name, into / name) if _kept(file)), None)
            if file is None:
                from_cache = False
                file = into / name
                self._speak_anew(voice, request, file, named=named)
            files.append(file)
        return tuple(files), from_cache

    def _speak_anew(self, voice: Voice, request: Request, file: Path, *, named: bool) -> None:
        patience = self._patience.get(voice.name, Patience())
        rest = patience.rest_left(self._monotonic())
        if rest and not named:
            seconds = round(rest.total_seconds())
            why = f"it failed {patience.failures} times in a row and rests for {seconds} s more"
            raise VoiceFailed(why, later=True)
        try:
            voice.speak(request, file)
        except VoiceFailed as failed:
            if failed.later:
                with self._lock:
                    patience = self._patience.get(voice.name, Patience())
                    self._patience[voice.name] = patience.failed(self._monotonic(), failed.rest)
            raise
        with self._lock:
            self._patience.pop(voice.name, None)


def _tidy(folder: Path, room: int) -> None:
    found = []
    for path in folder.glob("*"):
        with suppress(FileNotFoundError):  # a file being written has just taken its name
            found.append((path.stat(), path))
    in_use_since = (clock.now() - _IN_USE).timestamp()
    for seen, path in sorted(found, key=lambda one: one[0].st_mtime, reverse=True):
        room -= seen.st_size
        if room < 0 and seen.st_mtime < in_use_since:
            path.unlink(missing_ok=True)


def _key(*said: str) -> str:
    return hashlib.sha256("\0".join(said).encode()).hexdigest()


def _kept(file: Path) -> bool:
    """Whether the cache holds it, and it is still sound; it is then marked as used. What a worn disk cannot
    read back is as good as gone."""
    try:
        listen(file)
    except (OSError, Unsound):
        return False
    with suppress(OSError):  # a disk that has become read-only
        file.touch()
    return True
