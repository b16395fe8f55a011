"""The online voice: the service behind gTTS; the one file that knows gTTS and requests.

gTTS 2.5.4 itself sends with certificate checks off, without a time-out, follows redirects, believes an
empty answer and leaves half files. So it only prepares the requests (its form, its headers); they are sent
here, checked and bounded, and the answer is read strictly. The host is fixed: a `tld` that could be set
would be a way to any host. Nothing is asked twice here; the chain decides when to come back.

It is an unofficial use of a public page, without any promise: never at air time, never the only voice.
"""

from datetime import timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

import requests
import urllib3
from gtts.lang import tts_langs
from gtts.tts import gTTS
from gtts.version import __version__ as gtts_version

from broadcaster import clock
from broadcaster.speech import Request, VoiceFailed
from broadcaster.speech.answers import judge, sound_in
from broadcaster.speech.ear import Unsound, deliver
from broadcaster.speech.parts import parts
from broadcaster.speech.tongues import tongue

__all__ = ["GttsVoice"]

_PIECE = gTTS.GOOGLE_TTS_MAX_CHARS  # 100 characters, all that the service speaks at a time
_BIGGEST = 1024 * 1024  # bytes of one answer; 100 characters are about 100 kB


class GttsVoice:
    """The service gTTS knows. The arguments are for tests; a station uses none.

    address: instead of the service's own. ca: certificates to trust instead of the usual ones.
    timeouts: seconds to connect, and between two bytes.
    """

    name = "gtts"
    version = gtts_version

    def __init__(
        self,
        *,
        address: str | None = None,
        ca: Path | None = None,
        timeouts: tuple[float, float] = (3, 10),
        limit: timedelta = timedelta(seconds=60),
    ) -> None:
        self.limit = limit
        self._address = address
        self._ca = ca
        self._timeouts = timeouts

    def languages(self) -> frozenset[str]:
        return frozenset(tts_langs())

    def speak(self, request: Request, into: Path) -> None:
        language = tongue(request.language, self.languages())
        if language is None:
            raise VoiceFailed(f"it does not speak {request.language!r}", later=False)
        errand = _Errand(self._prepared(request.words, language), self._ca, self._timeouts, self.limit)
        try:
            deliver(errand.result(), request, into)
        except Unsound as wrong:
            raise VoiceFailed(f"it answered, but: {wrong}", later=True) from wrong

    def _prepared(self, words: str, language: str) -> list[requests.PreparedRequest]:
        """Cut by us: gTTS cuts recursively (a stack overflow on long lists) and at every comma.

        Its pre-processors know English abbreviations only, and `reading` has been here before.
        """
        prepared: list[requests.PreparedRequest] = []
        for piece in parts(words, _PIECE):
            # Of gTTS' own, and private: the release is pinned, and the contract suite watches it.
            prepared += gTTS(
                piece, lang=language, lang_check=False, pre_processor_funcs=[]
            )._prepare_requests()
        if self._address is not None:
            for one in prepared:
                one.prepare_url(self._address + one.path_url, None)
        return prepared


class _Errand(Thread):
    """The requests sent one after the other, in a thread of its own so that whoever waits can go.

    Looking up a name or a server that drips its headers cannot be bounded from within. What is given up
    ends by itself at the next byte or time-out.
    """

    def __init__(
        self,
        prepared: list[requests.PreparedRequest],
        ca: Path | None,
        timeouts: tuple[float, float],
        limit: timedelta,
    ) -> None:
        super().__init__(name="gtts", daemon=True)
        self._prepared = prepared
        self._ca = ca
        self._timeouts = timeouts
        self._limit = limit
        self._deadline = clock.monotonic() + limit.total_seconds()
        self._outcome: SimpleQueue[bytes | VoiceFailed | None] = SimpleQueue()

    def result(self) -> bytes:
        """All sound, joined. Raises VoiceFailed."""
        self.start()
        try:
            outcome = self._outcome.get(timeout=self._limit.total_seconds())
        except Empty:
            raise self._too_slow() from None
        if isinstance(outcome, VoiceFailed):
            raise outcome
        assert outcome is not None, "the thread died; its traceback is on standard error"
        return outcome

    def run(self) -> None:
        outcome: bytes | VoiceFailed | None = None
        try:
            with _Session() as session:
                outcome = b"".join(sound_in(self._answer(session, one)) for one in self._prepared)
        except VoiceFailed as failed:
            outcome = failed
        finally:
            self._outcome.put(outcome)

    def _answer(self, session: requests.Session, prepared: requests.PreparedRequest) -> str:
        if clock.monotonic() > self._deadline:
            raise self._too_slow()
        ca = str(self._ca) if self._ca else True
        around = session.merge_environment_settings(prepared.url or "", {}, True, ca, None)
        try:
            with session.send(prepared, timeout=self._timeouts, **around) as response:
                judge(response.status_code, response.headers.get("Retry-After", ""), clock.now())
                return self._body(response).decode("utf-8", "replace")
        except (requests.RequestException, urllib3.exceptions.HTTPError) as wrong:
            raise VoiceFailed(_unreachable(wrong), later=True) from wrong

    def _body(self, response: requests.Response) -> bytes:
        """Read as it comes: waiting for full buffers would let a dripping server hold us for ever."""
        body = bytearray()
        while some := response.raw.read1(65536):
            body += some
            if len(body) > _BIGGEST:
                raise VoiceFailed(f"its answer is larger than {_BIGGEST} bytes", later=True)
            if clock.monotonic() > self._deadline:
                raise self._too_slow()
        return bytes(body)

    def _too_slow(self) -> VoiceFailed:
        return VoiceFailed(f"it was not done after {self._limit.total_seconds():g} s", later=True)


class _Session(requests.Session):
    """Follows nobody anywhere: to be told so is no reason either to read a page of any length."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


def _unreachable(wrong: Exception) -> str:
    said = str(wrong).lower()
    if "certificate" in said:
        return "its certificate cannot be trusted, so nothing was sent; is the clock of this machine right?"
    if "timed out" in said:
        return "it does not answer in time"
    return "it cannot be reached, or hung up; is there a network?"
