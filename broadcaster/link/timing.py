"""The lightest words between unit and hub: what time is it, and has anything changed?

Asked a thousand times a day over a link that is paid by the megabyte: arrays instead of names, microseconds
instead of dates. The answer travels signed like all that the hub says, and names the nonce of its question:
nobody on the way can set a village's clocks. With it the hub says whether what the unit was told last
(`Present.state`) is still all there is to know, so the whole present state is asked for only when it is not.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec

__all__ = ["AskTime", "TimeTold", "asks_time", "microseconds"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ONE = timedelta(microseconds=1)
_Instant = Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)]
_Short = Annotated[str, msgspec.Meta(max_length=40)]


class AskTime(msgspec.Struct, frozen=True, array_like=True, tag="time"):
    """A unit asks what time it is. `state`: of the last `Present` it was given."""

    v: int
    nonce: _Short
    state: _Short


class TimeTold(msgspec.Struct, frozen=True, array_like=True, tag="told"):
    """When the hub heard the question (Unix time in µs), how many µs later it answered, and whether the state
    is still the one that the unit knows."""

    v: int
    nonce: _Short
    heard: _Instant
    took: _Instant
    same: bool

    @property
    def received(self) -> datetime:
        return _EPOCH + self.heard * _ONE

    @property
    def answered(self) -> datetime:
        return self.received + self.took * _ONE


def asks_time(raw: bytes) -> bool:
    """Whether a question is one of these: all others are objects."""
    return raw.startswith(b"[")


def microseconds(length: timedelta | datetime) -> int:
    """A length, or an instant as Unix time, in whole microseconds."""
    return (length - _EPOCH if isinstance(length, datetime) else length) // _ONE
