"""Values as they lie in columns, and back: instants and lengths as whole microseconds, lists as JSON."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import overload

from broadcaster.domain.instants import instant

__all__ = ["from_list", "from_micros", "moment", "stamp", "to_list", "to_micros"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@overload
def stamp(moment: datetime) -> int: ...
@overload
def stamp(moment: None) -> None: ...
def stamp(moment: datetime | None) -> int | None:
    """Microseconds since 1970, exactly. Raises ValueError when it is no instant."""
    return None if moment is None else (instant(moment) - _EPOCH) // _MICROSECOND


@overload
def moment(stamp: int) -> datetime: ...
@overload
def moment(stamp: None) -> None: ...
def moment(stamp: int | None) -> datetime | None:
    """The instant of `stamp`."""
    return None if stamp is None else _EPOCH + timedelta(microseconds=stamp)


def to_micros(length: timedelta) -> int:
    """A length in whole microseconds."""
    return length // _MICROSECOND


def from_micros(micros: int) -> timedelta:
    """The length of that many microseconds."""
    return timedelta(microseconds=micros)


def to_list(words: Iterable[str]) -> str:
    """Words in order, as JSON."""
    return json.dumps(list(words), ensure_ascii=False)


def from_list(text: str) -> tuple[str, ...]:
    """The words of `to_list`."""
    return tuple(json.loads(text))
