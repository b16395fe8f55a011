"""The voices there are, by their names in station.toml."""

from collections.abc import Callable, Mapping

from broadcaster.speech import Voice
from broadcaster.speech.espeak import EspeakVoice
from broadcaster.speech.google import GttsVoice

__all__ = ["ENGINES", "UnknownVoice", "by_name"]

ENGINES: Mapping[str, Callable[[], Voice]] = {"gtts": GttsVoice, "espeak-ng": EspeakVoice}


class UnknownVoice(ValueError):
    """A name in station.toml that is no engine's. The text lists the ones there are."""


def by_name(name: str) -> Voice:
    """The engine of that name: `gtts`, `espeak-ng`. Raises UnknownVoice. Reads and starts nothing yet."""
    try:
        return ENGINES[name]()
    except KeyError:
        known = ", ".join(ENGINES)
        raise UnknownVoice(f"there is no voice named {name!r}; the ones there are: {known}") from None
