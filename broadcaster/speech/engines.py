"""The voices there are, by their names in station.toml."""

from broadcaster.speech import Voice

__all__ = ["UnknownVoice", "by_name"]


class UnknownVoice(ValueError):
    """A name in station.toml that is no engine's. The text lists the ones there are."""


def by_name(name: str) -> Voice:
    """The engine of that name: `gtts`, `espeak-ng`. Raises UnknownVoice."""
    raise NotImplementedError
