"""[[item]]: one piece of a programme, told apart by the one key that says what it is."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from broadcaster.domain.programme import Bulletins, Chime, Item, Pause, Recorded, Relay, Spoken
from broadcaster.folder.audio import BadAudio, Shelf
from broadcaster.folder.faults import did_you_mean, quoted
from broadcaster.folder.sections import Section

__all__ = ["LANGUAGE", "Surroundings", "read_item", "sounds_well"]

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)
"""The shape of a BCP 47 tag, as far as voices use it: vi, en-GB, hmn-Latn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a programme may name: zones and voices of the station (None: station.toml cannot be read, so
    nothing is said about them), and the sounds of the folder."""

    zones: tuple[str, ...] | None
    voices: tuple[str, ...] | None
    shelf: Shelf


def read_item(section: Section, around: Surroundings) -> Item | None:
    """The item of one [[item]]; None when something is wrong, which is noted then."""
    kinds = [kind for kind in _KINDS if kind in section]
    items = [_KINDS[kind](section, around) for kind in kinds]
    section.leftovers(*_KINDS)
    if not kinds:
        section.wrong("", "has nothing to play", f"expected one of {', '.join(_KINDS)}")
        return None
    for kind in kinds[1:]:
        section.wrong(kind, f"stands beside {kinds[0]}", "give each its own [[item]]")
    return items[0]


def _chime(section: Section, around: Surroundings) -> Item | None:
    name = section.line("chime")
    if name is None or not sounds_well(section, "chime", name, around.shelf.chime):
        return None
    return Chime(name=name)


def _spoken(section: Section, around: Surroundings) -> Item | None:
    words = section.text("say")
    language = section.line("language")
    if language is not None and LANGUAGE.fullmatch(language) is None:
        section.wrong("language", f"{quoted(language)} is not a language", "expected a tag like vi or en")
    voice = section.line("voice")
    if voice is not None and around.voices is not None and voice not in around.voices:
        wrong = f"station.toml has no voice {quoted(voice)}"
        section.wrong("voice", wrong, did_you_mean(voice, around.voices))
    if words is None:
        return None
    try:
        return Spoken(words=words, language=language, voice=voice)
    except ValueError as error:
        section.wrong("say", str(error), "")
        return None


def _bulletins(section: Section, around: Surroundings) -> Item | None:
    section.choice("bulletins", ("booked",))
    closes = section.length("closes")
    return Bulletins() if closes is None else Bulletins(closes=closes)


def _relay(section: Section, around: Surroundings) -> Item | None:
    url = section.line("relay")
    length = _lasting(section, "for", required='for how long, like for = "30m"')
    otherwise = section.line("else", required="a file below audio/ that sounds when the relay fails")
    if otherwise is not None:
        sounds_well(section, "else", otherwise, around.shelf.recording)
    if url is not None and not _is_stream(url):
        wrong = f"{quoted(url)} is not the address of a stream"
        section.wrong("relay", wrong, "expected http:// or https:// and a server's name")
        return None
    if url is None or length is None or otherwise is None:
        return None
    return Relay(url=url, length=length, otherwise=otherwise)


def _recorded(section: Section, around: Surroundings) -> Item | None:
    path = section.line("play")
    if path is None or not sounds_well(section, "play", path, around.shelf.recording):
        return None
    return Recorded(path=path)


def _pause(section: Section, around: Surroundings) -> Item | None:
    length = _lasting(section, "pause")
    return None if length is None else Pause(length=length)


_KINDS: dict[str, Callable[[Section, Surroundings], Item | None]] = {
    "chime": _chime,
    "say": _spoken,
    "bulletins": _bulletins,
    "relay": _relay,
    "play": _recorded,
    "pause": _pause,
}


def sounds_well(section: Section, key: str, name: str, look: Callable[[str], None]) -> bool:
    """Whether `look` finds that sound; if not, it is noted at `key`."""
    try:
        look(name)
    except BadAudio as bad:
        section.wrong(key, bad.wrong, bad.expected)
        return False
    return True


def _lasting(section: Section, key: str, required: str = "") -> timedelta | None:
    length = section.length(key, required)
    if length == timedelta(0):
        section.wrong(key, "lasts no time at all", 'expected at least "1s"')
        return None
    return length


def _is_stream(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in url and parts.port != 0
        )
    except ValueError:  # a port that is no number, brackets that do not close
        return False
