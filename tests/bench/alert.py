"""An alert in seconds: from the committed end of its countdown to the first sample at first and last horn.

The hub is the real service in a process of its own, and alerts are raised by the desk's own verb. Up to ten
units are real agents, each with a horn of one captured sink: `heard` is what was captured (an instant is
known to some 10 ms, for a monitor gives a block when it is rendered), `told` is what the unit says of its
first sample, by its card's own timing. A hundred and a thousand are light ones (`_lightunits`), whose first
sample is the latest of the start they were given and of arrival, judging and what the horns of the real ones
take.

Beside them, in the same run, a bare publish of as many bytes to the same subscribers: the broker's own
fan-out on this machine, where the crowd that reads works as much as the broker that writes.

`typed_*`: twenty words and the offline voice. `typed_1` from the end of the countdown, in which the voice had
its turn; `typed_at_once_1` from the commit of an alert that has no countdown at all to its first sample.

`locked_*`: another process holds the store for LOCKED seconds, over the end of the countdown; `handed_over_1`
was raised while it did. `full_*`: the disk with the hub's state is full.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from broadcaster.clock import monotonic
from broadcaster.domain.plan import FRAME_RATE
from broadcaster.link.messages import Vitals, read
from tests.bench._alertoffice import AlertOffice, Aloud, middle
from tests.bench._figure import Figure, Figures
from tests.bench._lightunits import Heard
from tests.days.troubles import locked_store
from tests.days.warned import fill, small_disk
from tests.sound.hearing import Capture, SoundServer, onset

HORNS = tuple(f"spk{number}" for number in range(1, 11))
ONE = 20
TEN = 6
HUNDRED = 6
THOUSAND = 8
TYPED = 5
TROUBLED = 4
"""Alerts of each kind."""
LOCKED = 6.5
"""Seconds: the store's own patience is five."""

_STEP = 2.6
"""Seconds between two alerts; each is stopped `_LISTENED` after it began, so that the air is free."""
_LISTENED = 1.4
_WORDS = (
    "Thông báo khẩn số {number}: nước sông dâng nhanh, bà con thôn Bến và thôn Đình lên chỗ cao ngay, "
    "mang theo nước uống"
)
_BUDGET = "<= 150"
_TYPED = "<= 1000"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sounded:
    """One alert: ms from the end of its countdown to the first sample at the first and the last horn."""

    first: float
    last: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fanned:
    """One alert at light units, in ms. `lead`: what the hub gave from the order to the first sample."""

    first: float
    last: float
    lead: float
    size: int
    units: int


def measure() -> Figures:
    figures: Figures = {}
    with TemporaryDirectory() as folder, _listening(Path(folder), HORNS[:1]) as capture:
        with _office(Path(folder) / "one", HORNS[:1]) as office:
            figures |= _one(office, capture)
            lead = _horn_lead(office)
        with suppress(PermissionError), _full(Path(folder) / "full", HORNS[:1]) as office:
            figures |= _real("full", _while_full(office), office, capture, hold=_BUDGET)
    with (
        TemporaryDirectory() as folder,
        _listening(Path(folder), HORNS) as capture,
        _office(Path(folder) / "ten", HORNS) as office,
    ):
        figures |= _real("template", _series(office, TEN), office, capture)
    for light, times in ((1, 0), (100, HUNDRED), (1000, THOUSAND)):
        with (
            TemporaryDirectory() as folder,
            _office(Path(folder) / "light", light=light, lead=lead) as office,
        ):
            figures |= _light(office, times)
    return figures | {"load": Figure(value=os.getloadavg()[1], unit="", note="average of the last 5 minutes")}


# -- the conditions ------------------------------------------------------------------------------------


@contextmanager
def _listening(folder: Path, horns: tuple[str, ...]) -> Iterator[Capture]:
    server, before = SoundServer(folder, horns), dict(os.environ)
    server.start()
    os.environ.update(server.environ)
    capture = Capture(server)
    capture.start()
    try:
        yield capture
    finally:
        capture.stop()
        os.environ.clear()
        os.environ.update(before)
        server.stop()


@contextmanager
def _office(
    folder: Path, horns: Sequence[str] = (), *, light: int = 0, lead: float = 0.0
) -> Iterator[AlertOffice]:
    office = AlertOffice(
        folder, horns={f"loa-{number}": horn for number, horn in enumerate(horns)}, light=light, lead=lead
    )
    try:
        office.start()
        yield office
    finally:
        office.stop()


@contextmanager
def _full(folder: Path, horns: Sequence[str]) -> Iterator[AlertOffice]:
    """A commune whose hub has a small disk of its own for its state."""
    office = AlertOffice(folder, horns={f"loa-{number}": horn for number, horn in enumerate(horns)})
    with small_disk(office.commune.station.state, "64m"):
        try:
            office.start()
            yield office
        finally:
            office.stop()


# -- what is measured ----------------------------------------------------------------------------------


def _one(office: AlertOffice, capture: Capture) -> Figures:
    _series(office, 1)  # the first one pays for what is read from the disk for the first time
    figures = _real("template", _series(office, ONE), office, capture, hold=_BUDGET)
    typed = _series(office, TYPED, words=_WORDS)
    figures |= _real("typed", typed, office, capture, hold=_TYPED)
    figures |= _real("typed_at_once", _at_once(office), office, capture, hold=_TYPED)
    locked, handed_over = _while_locked(office)
    figures |= _real("locked", locked, office, capture, hold=_BUDGET)
    return figures | _real("handed_over", handed_over, office, capture, hold=_BUDGET)


def _series(office: AlertOffice, times: int, *, words: str | None = None) -> list[Aloud]:
    """Raise so many, one after the other; while one counts down the one before sounds."""
    begin = monotonic()
    due: list[tuple[float, Callable[[], None]]] = []
    raised: list[Aloud] = []

    def raise_one(number: int) -> None:
        more = {} if words is None else {"words": words.format(number=f"{number} {office.name()}")}
        aloud = office.raised(**more)
        raised.append(aloud)
        due.append((aloud.fires + _LISTENED, lambda: office.stopped(aloud)))

    for number in range(times):
        due.append((begin + number * _STEP, lambda number=number: raise_one(number)))  # type: ignore[misc]
    while due:
        due.sort(key=lambda planned: planned[0])
        at, act = due.pop(0)
        time.sleep(max(at - monotonic(), 0))
        act()
    time.sleep(0.5)
    return raised


def _at_once(office: AlertOffice) -> list[Aloud]:
    raised = []
    for number in range(TYPED):
        raised.append(office.typed_without_a_countdown(_WORDS.format(number=f"{number} {office.name()}")))
        office.all_told(raised[-1:])
        time.sleep(0.5)
        office.stopped(raised[-1])
        time.sleep(0.7)
    return raised


def _while_full(office: AlertOffice) -> list[Aloud]:
    """Raised, sent and stopped while not one byte more fits on the hub's disk. What units answered is stored
    when there is room again."""
    filling = fill(office.commune.station.state)
    raised = _series(office, TROUBLED)
    filling.unlink()
    return raised


def _while_locked(office: AlertOffice) -> tuple[list[Aloud], list[Aloud]]:
    """Raised before the store was locked, to fire while it is; and raised while it was, to fire then, too."""
    before, meanwhile = [], []
    for _ in range(TROUBLED):
        before.append(office.raised())
        time.sleep(max(before[-1].fires - 3.0 - monotonic(), 0))
        with locked_store(office.commune.station.folder):
            until = monotonic() + LOCKED
            meanwhile.append(office.raised())
            time.sleep(max(before[-1].fires + _LISTENED - 0.3 - monotonic(), 0))
            office.stopped(before[-1])
            time.sleep(max(max(until, meanwhile[-1].fires + 1.0) - monotonic(), 0))
        time.sleep(0.7)  # until it is in the store
        office.stopped(meanwhile[-1])
        time.sleep(0.5)
    return before, meanwhile


def _real(
    kind: str, raised: list[Aloud], office: AlertOffice, capture: Capture, *, hold: str = ""
) -> Figures:
    """`heard` and `told` of real units."""
    many = len(office.horns)
    office.all_told(raised)
    told = [_told(office, aloud) for aloud in raised]
    heard = [_heard(capture, aloud, many, each.last) for aloud, each in zip(raised, told, strict=True)]
    name, note = f"{kind}_{many}", f"median of {len(raised)}"
    if many == 1:
        return {
            f"{name}_heard_ms": Figure(
                value=middle([s.last for s in heard]), unit="ms", hold=hold, note=note
            ),
            f"{name}_told_ms": Figure(value=middle([s.last for s in told]), unit="ms", hold=hold, note=note),
            f"{name}_worst_told_ms": Figure(value=1000 * max(s.last for s in told), unit="ms"),
        }
    return {
        f"{name}_first_heard_ms": Figure(value=middle([s.first for s in heard]), unit="ms", note=note),
        f"{name}_last_heard_ms": Figure(value=middle([s.last for s in heard]), unit="ms", note=note),
        f"{name}_last_told_ms": Figure(value=middle([s.last for s in told]), unit="ms", note=note),
        f"{name}_apart_ms": Figure(
            value=middle([s.last - s.first for s in heard]), unit="ms", note="first to last horn, captured"
        ),
    }


def _heard(capture: Capture, aloud: Aloud, many: int, told: float) -> _Sounded:
    sound = capture.heard(aloud.fires - 0.1, aloud.fires + told + 0.5)
    begins = [onset(sound[:, horn]) / FRAME_RATE - 0.1 for horn in range(many)]
    return _Sounded(first=min(begins), last=max(begins))


def _told(office: AlertOffice, aloud: Aloud) -> _Sounded:
    begins = [second - aloud.fires for second in office.told(aloud).values()]
    return _Sounded(first=min(begins), last=max(begins))


def _horn_lead(office: AlertOffice) -> float:
    """Seconds the real horns take from a decision to its first sample, as they told."""
    beats = office.commune.station.store.units.beats().values()
    return max(read(Vitals, beat.beat).lead or 0.0 for beat in beats)


def _light(office: AlertOffice, times: int) -> Figures:
    """A bare publish first, of an order's size, then alerts, then a bare publish again."""
    size = 900
    if not times:
        fan = office.bare(size, ONE)
        return {"bare_1_ms": Figure(value=middle(fan), unit="ms", note=f"{size} bytes to one light unit")}
    raised = _series(office, 1)
    size = office.heard_by_light([raised[0].id])[raised[0].id].size
    fan = office.bare(size, 10)
    raised = _series(office, times)
    fan += office.bare(size, 10)
    figures = _fanned(f"{office.light}", office, raised, fan)
    if office.light < 1000:
        return figures
    with locked_store(office.commune.station.folder):
        raised = _series(office, 1)
    return figures | _fanned(f"locked_{office.light}", office, raised, fan)


def _fanned(name: str, office: AlertOffice, raised: list[Aloud], fan: list[float]) -> Figures:
    heard = office.heard_by_light([aloud.id for aloud in raised])
    found = [_spread(office, aloud, heard[aloud.id]) for aloud in raised]
    lead, size = middle([each.lead for each in found]), found[0].size
    bound = lead + 2 * middle(fan)
    units = min(each.units for each in found)
    return {
        f"template_{name}_units": Figure(value=units, unit="", hold=f">= {office.light}", note="sounded it"),
        f"template_{name}_first_ms": Figure(value=middle([each.first for each in found]), unit="ms"),
        f"template_{name}_last_ms": Figure(
            value=middle([each.last for each in found]),
            unit="ms",
            hold=f"<= {bound:.1f}",
            note=f"median of {len(found)}; held to lead + 2 x bare",
        ),
        f"template_{name}_lead_ms": Figure(value=lead, unit="ms", note="given by the hub"),
        f"template_{name}_bytes": Figure(value=size, unit="B", note="of the order"),
        f"bare_{name}_ms": Figure(value=middle(fan), unit="ms", note="publish to last receipt"),
    }


def _spread(office: AlertOffice, aloud: Aloud, heard: Heard) -> _Fanned:
    """A unit sounds at the start it was given, or when it has judged and its horn can."""
    sounds = [max(heard.start, acted + office.lead) - aloud.fires for acted in heard.acted]
    return _Fanned(
        first=min(sounds),
        last=max(sounds),
        lead=heard.start - heard.issued,
        size=heard.size,
        units=len(heard.acted),
    )
