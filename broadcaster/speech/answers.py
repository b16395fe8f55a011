"""What the answers of the service behind gTTS mean: pure, no network.

Strict: what is not exactly an answer with sound in it is a VoiceFailed that says what it is instead. Whether
it may be different later decides if the chain comes back: a tired service or a network's sign-in page may,
a changed form will not.
"""

import base64
import json
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from broadcaster.speech import VoiceFailed

__all__ = ["judge", "sound_in"]

_MARK = '"jQ1olc",'


def judge(status: int, retry_after: str, at: datetime) -> None:
    """Raises VoiceFailed unless the status is 200. `retry_after` is that header, empty without one."""
    if status == 200:
        return
    if status == 429:
        raise VoiceFailed("too many requests (429)", later=True, rest=_rest(retry_after, at))
    if status == 403:
        raise VoiceFailed("the service refuses us (403)", later=True)
    if status >= 500:
        raise VoiceFailed(f"the service is out of order ({status})", later=True, rest=_rest(retry_after, at))
    if 300 <= status < 400:
        why = f"it sends us to another address ({status}); does the network want a sign-in?"
        raise VoiceFailed(why, later=True)
    why = f"the service does not take this request ({status}); is this release of gTTS too old for it?"
    raise VoiceFailed(why, later=False)


def _rest(retry_after: str, at: datetime) -> timedelta | None:
    """Seconds or a date (RFC 9110, 10.2.3); anything else is as if it were not there."""
    if retry_after.isascii() and retry_after.isdecimal():
        return timedelta(seconds=int(retry_after[:9]))
    try:
        return max(parsedate_to_datetime(retry_after) - at, timedelta(0))
    except (ValueError, TypeError):  # TypeError: a date that names no zone
        return None


def sound_in(answer: str) -> bytes:
    """The MP3 of one piece. The form: `["wrb.fr","jQ1olc","[\\"<base64>\\"]",...` somewhere in the text."""
    if not answer.strip():
        raise VoiceFailed("it answered nothing at all", later=True)
    _, mark, rest = answer.partition(_MARK)
    if not mark:
        page = "<html" in answer.lower() or "<!doctype" in answer.lower()
        what = "with a web page; does the network want a sign-in?" if page else "in an unknown form"
        raise VoiceFailed(f"it answered {what}", later=True)
    try:
        payload, _ = json.JSONDecoder().raw_decode(rest)
        sounds = None if payload is None else json.loads(payload)
        if not sounds:
            raise VoiceFailed("it has no sound for these words in this language", later=False)
        mp3 = base64.b64decode(sounds[0], validate=True)
    except (ValueError, TypeError, KeyError, RecursionError) as wrong:
        raise VoiceFailed("it answered in an unknown form", later=True) from wrong
    if not (mp3.startswith(b"ID3") or (mp3[:1] == b"\xff" and mp3[1:2] >= b"\xe0")):
        raise VoiceFailed("it answered with something that is not MP3", later=True)
    return mp3
