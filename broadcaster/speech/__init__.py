"""Words to voice.

reading  how what was typed is said.
voices   the chain: which voice is tried, for how long, in which order, and the cache of what was spoken.
One file an engine: gtts.py, espeak.py.

`Voice` is what every engine promises.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

__all__ = ["NoVoice", "Request", "Voice", "VoiceFailed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Words as they are to be said (already through `reading`), never empty; BCP 47 language, like `vi`."""

    words: str
    language: str


class VoiceFailed(Exception):
    """This engine could not speak this request; another may. The text says why, in plain English.

    `later`: it may work if asked again (no network, too many requests); otherwise it never will.
    """

    def __init__(self, why: str, *, later: bool) -> None:
        super().__init__(why)
        self.later = later


class NoVoice(Exception):
    """No engine of the chain could speak. The text names each and its reason."""


class Voice(Protocol):
    """An engine that speaks.

    Promises: `speak` leaves a whole, decodable, non-silent sound file at `into` or raises VoiceFailed and
    leaves nothing there; it returns within its own time limit; nothing in the words can be taken for a
    command, an option, a path or an address; the same object may be used from several threads.
    """

    @property
    def name(self) -> str:
        """As in station.toml: `gtts`, `espeak-ng`."""
        ...

    @property
    def version(self) -> str:
        """Changes when the same words would sound different; part of the cache key."""
        ...

    @property
    def limit(self) -> timedelta:
        """The longest `speak` takes before it gives up, for one request."""
        ...

    def languages(self) -> frozenset[str]: ...

    def speak(self, request: Request, into: Path) -> None: ...
