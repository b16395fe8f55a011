"""Words to voice.

reading    how what was typed is said; vietnamese: its table of what communes write.
parts      long words cut where a reader draws breath.
chain      the voices of a station: which is tried, in which order, and the cache of what was spoken.
race       all at once, and nobody waits for one that hangs.
engines    the voices there are, by their names in station.toml; tongues: which of its languages is meant.
patience   when an engine that failed is tried again.
ear        what an engine made is listened to before anybody gets it.
One file an engine: google.py (gTTS; answers.py says what its service answered), espeak.py (espeak-ng).

`Voice` is what every engine promises.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

__all__ = ["LONGEST", "NoVoice", "Request", "Voice", "VoiceFailed", "sayable"]

LONGEST = 1_000  # characters of one request, about a minute of speech

_JOINERS = "\u200c\u200d"  # shape letters in some scripts; the only invisible characters that belong to words


def sayable(character: str) -> bool:
    """Whether the character may stand in words that are spoken: no control, private or invisible one."""
    category = unicodedata.category(character)
    return character in _JOINERS or not (category.startswith("C") or category in ("Zl", "Zp"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One breath of words as they are to be said (already through `reading` and `parts`).

    words: one line, 1 to 1,000 characters, none of them a control (espeak-ng obeys some), at least one a
    letter or digit. language: BCP 47, like `vi`. Anything else raises ValueError: it is the caller's fault.
    """

    words: str
    language: str

    def __post_init__(self) -> None:
        if not 0 < len(self.words) <= LONGEST:
            raise ValueError(f"one request is 1 to {LONGEST} characters, not {len(self.words)}")
        if not all(map(sayable, self.words)):
            raise ValueError("words to be spoken hold no line ends and no invisible characters")
        if not any(map(str.isalnum, self.words)):
            raise ValueError("there is nothing to say: no letter and no digit")


class VoiceFailed(Exception):
    """This engine could not speak this request; another may. The text says why, in plain English.

    later: it may work if asked again (no network, too many requests); otherwise it never will.
    rest: how long the engine asks to be left alone, if it said so.
    """

    def __init__(self, why: str, *, later: bool, rest: timedelta | None = None) -> None:
        super().__init__(why)
        self.later = later
        self.rest = rest


class NoVoice(Exception):
    """No engine of the chain could speak. The text names each and its reason.

    reasons: one line an engine, in the order they were tried. later: asking again may help.
    """

    def __init__(self, reasons: Sequence[str], *, later: bool) -> None:
        super().__init__("no voice could speak this: " + "; ".join(reasons))
        self.reasons = tuple(reasons)
        self.later = later


class Voice(Protocol):
    """An engine that speaks.

    Promises: `speak` leaves a whole, decodable, non-silent sound file at `into` or raises VoiceFailed and
    leaves nothing there (OSError if the file itself cannot be written: a full disk is nobody's voice); it
    returns within its own time limit; nothing in the words can be taken for a command, an option, a path or
    an address; the same object may be used from several threads.
    """

    @property
    def name(self) -> str:
        """As in station.toml: `gtts`, `espeak-ng`."""
        ...

    @property
    def version(self) -> str:
        """Changes when the same words would sound different; part of the cache key.

        Raises VoiceFailed when the engine is not there.
        """
        ...

    @property
    def limit(self) -> timedelta:
        """The longest `speak` takes before it gives up, for one request."""
        ...

    def languages(self) -> frozenset[str]:
        """BCP 47 tags it speaks. Raises VoiceFailed when the engine is not there. No network."""
        ...

    def speak(self, request: Request, into: Path) -> None: ...
