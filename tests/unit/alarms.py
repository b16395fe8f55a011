"""Orders about alerts as a hub gives them, for stories of a village."""

from collections.abc import Sequence
from datetime import timedelta

from broadcaster.domain.alert import AlertCall, Severity
from broadcaster.domain.names import AlertId, CueId
from broadcaster.domain.plan import Clip
from broadcaster.link.messages import ClearAlert, RaiseAlert, RaiseDrill, Receipt
from tests.unit.box import NOON, speech
from tests.unit.village import Village

__all__ = [
    "SIREN",
    "WORDS",
    "at_work",
    "call",
    "cleared",
    "drilled",
    "last_receipt",
    "raised",
    "silent",
]

SIREN, WORDS = speech(3, seed=7), speech(4, seed=8)


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


async def at_work(village: Village, *, open_until: float = 86_400) -> None:
    """A unit that has the siren and the words of the flood, and knows the time, 20 s after noon."""
    village.lay(keep=[village.clip(SIREN), village.clip(WORDS)], open_until=open_until)
    await village.hub_up()
    village.boot()
    await village.until(20)


def silent(village: Village, begin: float, end: float) -> bool:
    """Whether nothing was heard between these seconds after noon."""
    return not village.sounded(begin, end - begin).any()


def last_receipt(village: Village, order: str) -> Receipt:
    """The last that the hub was told of that order."""
    return [receipt for receipt in village.receipts if receipt.order == order][-1]
