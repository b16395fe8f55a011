"""How long somebody who keeps failing to sign in has to wait."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

__all__ = ["FROM_ANYWHERE", "FROM_ONE_PLACE", "WINDOW", "Attempts", "wait"]

FROM_ONE_PLACE = 5
"""Failures that cost nothing, as one login from one address."""

FROM_ANYWHERE = 25
"""Failures that cost nothing, as one login from all addresses together: many guess at one account. It is
wider, so that a stranger cannot shut out an administrator by failing on their behalf a few times."""

WINDOW = timedelta(hours=1)
"""Failures older than this count no more."""

_FIRST = timedelta(seconds=30)
_LONGEST = timedelta(minutes=15)


def wait(failures: Sequence[datetime], free: int, now: datetime) -> timedelta:
    """How long until the next attempt: nothing for the first `free` failures, then 30 s after the last
    one, doubling with each, up to 15 min. `failures` in order of time."""
    recent = [failure for failure in failures if failure > now - WINDOW]
    beyond = len(recent) - free
    if beyond < 0:
        return timedelta(0)
    pause = min(_FIRST * (1 << min(beyond, 10)), _LONGEST)
    return max(recent[-1] + pause - now, timedelta(0))


class _Attempt(NamedTuple):
    login: str
    source: str
    at: datetime


class Attempts:
    """Failed sign-ins that the store could not take, kept here so that a full disk is no open door.

    The oldest go when there are too many; used under the caller's lock or by one thread.
    """

    def __init__(self, most: int = 2_000) -> None:
        self._kept: deque[_Attempt] = deque(maxlen=most)

    def add(self, login: str, source: str, at: datetime) -> None:
        """This one failed, or is being tried."""
        self._kept.append(_Attempt(login, source, at))

    def of(self, login: str, source: str | None) -> tuple[datetime, ...]:
        """When signing in as `login` failed (from `source`, or from anywhere when None), in order."""
        return tuple(
            attempt.at
            for attempt in self._kept
            if attempt.login == login and (source is None or attempt.source == source)
        )

    def forgive(self, login: str, source: str) -> None:
        """Forget the failures of that login from that source."""
        left = [attempt for attempt in self._kept if (attempt.login, attempt.source) != (login, source)]
        self._kept.clear()
        self._kept.extend(left)
