"""When an engine that failed is tried again: pure, time is an argument.

Law: a dead network costs a few bulletins their time, not every bulletin. After two failures in a row the
engine rests for a minute, and twice as long after each further one, up to half an hour; or as long as it
asked for itself. One success and everything is forgotten.
"""

from dataclasses import dataclass
from datetime import timedelta

__all__ = ["Patience"]

_BORNE = 2  # failures in a row before the engine rests
_FIRST_REST = timedelta(minutes=1)
_LONGEST_REST = timedelta(minutes=30)
_LONGEST_ASKED = timedelta(days=1)  # a service that asks for more is not believed


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """What one engine has left. `until` is by the monotonic clock, in seconds."""

    failures: int = 0
    until: float = float("-inf")

    def rest_left(self, at: float) -> timedelta:
        """How long it is still left alone; zero when it may be tried."""
        return timedelta(seconds=max(0.0, self.until - at)) if self.until > at else timedelta(0)

    def failed(self, at: float, asked: timedelta | None = None) -> "Patience":
        """After one more failure at `at`; `asked` is the rest the engine asked for, if it did."""
        failures = self.failures + 1
        doublings = min(failures - _BORNE, 10)
        rest = min(_FIRST_REST * 2**doublings, _LONGEST_REST) if doublings >= 0 else timedelta(0)
        rest = max(rest, min(asked or timedelta(0), _LONGEST_ASKED))
        return Patience(failures=failures, until=at + rest.total_seconds())
