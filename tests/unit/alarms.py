"""Orders about alerts as a hub gives them, for stories of a village."""

from collections.abc import Sequence
from datetime import timedelta

from broadcaster.domain.alert import AlertCall, Severity
from broadcaster.domain.names import AlertId, CueId
from broadcaster.domain.plan import Clip
from broadcaster.link.messages import ClearAlert, RaiseAlert, RaiseDrill
from tests.unit.box import NOON

__all__ = ["call", "cleared", "drilled", "raised"]


def call(
    at: float,
    clips: Sequence[Clip],
    *,
    name: str = "kc-lu",
    version: int = 1,
    severity: Severity = Severity.SEVERE,
    repeats: int = 1,
    gap: float = 10,
    lasts: float = 7200,
    volume: float = 0.0,
) -> AlertCall:
    """What sounds from so many seconds after noon on; each version has names of its own."""
    nominal = NOON.replace(tzinfo=None) + timedelta(hours=7, seconds=int(at))
    return AlertCall(
        cue=CueId(f"{name}@{nominal.isoformat()}"),
        version=version,
        title=name,
        severity=severity,
        start=NOON + timedelta(seconds=at),
        expires=NOON + timedelta(seconds=at + lasts),
        clips=tuple(clips),
        repeats=repeats,
        gap=timedelta(seconds=gap),
        volume=volume,
    )


def raised(
    at: float,
    *clips: Clip,
    sounds: tuple[bytes, ...] = (),
    name: str = "kc-lu",
    version: int = 1,
    severity: Severity = Severity.SEVERE,
    repeats: int = 1,
    gap: float = 10,
    lasts: float = 7200,
    volume: float = 0.0,
) -> RaiseAlert:
    return RaiseAlert(
        call=call(
            at,
            clips,
            name=name,
            version=version,
            severity=severity,
            repeats=repeats,
            gap=gap,
            lasts=lasts,
            volume=volume,
        ),
        sounds=sounds,
    )


def drilled(at: float, *clips: Clip, repeats: int = 1, version: int = 1) -> RaiseDrill:
    return RaiseDrill(
        call=call(at, clips, name="dt-lu", version=version, severity=Severity.MINOR, repeats=repeats)
    )


def cleared(version: int, name: str = "kc-lu") -> ClearAlert:
    return ClearAlert(alert=AlertId(name), version=version, by="Chủ tịch")
