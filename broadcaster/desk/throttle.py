"""How long somebody who keeps failing to sign in has to wait."""

from collections.abc import Sequence
from datetime import datetime, timedelta

__all__ = ["FROM_ANYWHERE", "FROM_ONE_PLACE", "WINDOW", "wait"]

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
