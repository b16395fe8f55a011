"""A unit on its pole: the real box, records, cache and judge on a disk of its own, which outlives it.

What the agent does with asyncio is done here step by step: ask, obey, fetch, play, tell, beat.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from broadcaster.domain.health import BEAT
from broadcaster.domain.names import ClipId, CueId
from broadcaster.domain.plan import Clip, Plan
from broadcaster.domain.playout import ClipsHeld, StopOrdered
from broadcaster.horn.player import Heard
from broadcaster.link.envelope import Refused
from broadcaster.link.judging import is_about_alert
from broadcaster.link.messages import (
    WIRE_VERSION,
    Ask,
    Order,
    PlanChanged,
    PlanRef,
    Present,
    Receipt,
    SetVolume,
    Stop,
    Tell,
    TestChime,
    Told,
    Vitals,
    read,
    write,
)
from broadcaster.link.vitals import SIGN
from broadcaster.unit.alerts import Alerts
from broadcaster.unit.box import Box, Plays
from broadcaster.unit.cache import Cache
from broadcaster.unit.home import Member, Settings, UnitHome
from broadcaster.unit.obeying import Obeying
from broadcaster.unit.records import Records
from broadcaster.unit.room import wanted
from broadcaster.unit.vitals import Saying
from tests.days.hours import Time
from tests.days.paper import PaperPlayer
from tests.days.wire import Wire

__all__ = ["Horn", "PaperHorn", "Pole"]

_ASK_EVERY = timedelta(minutes=1)


class Horn:
    """What a pole sounds through; a new one at every start. `front`: from when on it can be decided."""

    player: Plays

    @property
    def front(self) -> datetime:
        raise NotImplementedError

    def sounded(self) -> tuple[Heard, ...]:
        """What people have heard from it since its start."""
        raise NotImplementedError


class PaperHorn(Horn):
    """Exact, and silent."""

    player: PaperPlayer

    def __init__(self, time: Time, _: Cache) -> None:
        self._time = time
        self.player = PaperPlayer(time.now)

    @property
    def front(self) -> datetime:
        return self._time.now()

    def sounded(self) -> tuple[Heard, ...]:
        return self.player.sounded()


class Pole:
    """One unit. `kill` is a power cut: what is not on the disk is gone."""

    def __init__(
        self,
        folder: Path,
        member: Member,
        settings: Settings,
        time: Time,
        wire: Wire,
        horn: Callable[[Time, Cache], Horn] = PaperHorn,
    ) -> None:
        self.unit = member.unit
        self._home = UnitHome(folder)
        self._home.become(member, settings)
        self._time = time
        self._wire = wire
        self._horn = horn
        self.alive = False
        self.has_battery = True
        """Whether its clock goes on while the power is off; without, it learns the time from the hub."""
        self.plans: list[int] = []
        """The revisions fetched so far, before a power cut too."""
        self.heard_of: set[CueId] = set()
        """The cues of all plans it ever had."""
        self._sounded: list[Heard] = []
        wire.units[member.unit] = self
        self.boot()

    def boot(self) -> None:
        """Start on what is on the disk."""
        member, settings = self._home.member(), self._home.settings()
        assert member is not None
        assert settings is not None
        self.obeying = Obeying(self._home, member, settings)
        self.cache = Cache(self._home.folder)
        self.records = Records(self._home.folder / "records")
        self.horn = self._horn(self._time, self.cache)
        self.box = Box(
            unit=self.unit,
            records=self.records,
            player=self.horn.player,
            now=self.horn.front,
            sounds=lambda cue, begin: self.alerts.heard(cue, begin),
        )
        self.box.volume = settings.volume
        self._first: dict[str, tuple[Clip, ...]] = {}
        self._receipts: dict[str, Receipt] = {}
        self.alerts = Alerts(
            self._home.alerts_folder,
            obeying=self.obeying,
            box=self.box,
            cache=self.cache,
            holding=self,
            clock=self,
            front=lambda: self.horn.front,
            tell=lambda receipt: self._receipts.update({receipt.order: receipt}),
        )
        self._plan: Plan | None = None
        self._needed: tuple[ClipId, ...] = ()
        self._wanted: PlanRef | None = None
        self._chimes: dict[ClipId, int] = {}
        self._session: int | None = None
        self._asked = self._beaten = self._time.now()
        self._saying = Saying()
        self.alive = True
        self._trusted = self.has_battery
        self.box.trust(self._trusted, self.horn.front)
        signed = next(self.cache.signed_plans(), None)
        if signed is not None:
            self._put_plan(self.obeying.plan(signed))

    def kill(self) -> None:
        """The power is gone."""
        self.alive = False
        self._sounded += self.horn.sounded()

    def lose_the_time(self) -> None:
        """Its clock cannot be trusted any more; it asks at once."""
        self._trusted, self._session = False, None
        self.box.trust(False, self.horn.front)

    def restart(self) -> None:
        """The power is gone for a moment."""
        self.kill()
        self.boot()

    @property
    def sounded(self) -> tuple[Heard, ...]:
        """What people have heard here, whatever was recorded of it."""
        return (*self._sounded, *(self.horn.sounded() if self.alive else ()))

    @property
    def is_on_air(self) -> bool:
        return self.alive and self.box.state.on_air is not None

    def next_instant(self) -> datetime | None:
        return self.box.next_instant() if self.alive else None

    def step(self) -> None:
        """One pass of everything the agent does."""
        if not self.alive:
            return
        self._keep_connected()
        self._fetch()
        self.alerts.look()
        self.box.tick(self.horn.front)
        self.alerts.write_down()
        self._tell()
        self._beat()

    # -- the wire ------------------------------------------------------------------------------------

    def ordered(self, raw: bytes) -> None:
        if self.alive and self._connected:
            self._obey(raw, self._time.now(), trusted=self._trusted)

    def _obey(self, raw: bytes, now: datetime, *, trusted: bool) -> None:
        judged = self.obeying.judged(raw, now, trusted=trusted)
        if judged is None:
            return
        if is_about_alert(judged.order.body):
            self.alerts.take(judged, raw, now)
        elif judged.refusal is None:
            self.obeying.remember(judged.order, now)
            self.obeying.keep()
            self._do(judged.order)

    @property
    def trusted(self) -> bool:
        """Whether it knows the time."""
        return self._trusted

    def now(self) -> datetime:
        return self._time.now()

    def want_first(self, alert: str, clips: tuple[Clip, ...]) -> None:
        """These are what that alert says: they are fetched before all else."""
        self._first[alert] = clips

    def _keep_connected(self) -> None:
        now = self._time.now()
        if not self._wire.reaches(self.unit):
            self._session = None
        elif not self._connected or now - self._asked >= _ASK_EVERY:
            if not self._connected:
                self._saying.forget()
            self._session, self._asked = self._wire.session, now
            self._ask()

    @property
    def _connected(self) -> bool:
        return self._session == self._wire.session and self._wire.reaches(self.unit)

    def _ask(self) -> None:
        nonce = f"{self._time.monotonic()}"
        ask = Ask(v=WIRE_VERSION, unit=self.unit, nonce=nonce)
        raw = self._wire.ask(self.unit, write(ask))
        if raw is None:
            self._session = None
            return
        present = self.obeying.present(raw, nonce)
        self._trusted = True
        self.box.trust(True, self.horn.front)
        self._settle(present)

    def _settle(self, present: Present) -> None:
        if present.zone != self.obeying.settings.zone:
            self._plan = None
        self.obeying.set_to(
            Settings(zone=present.zone, name=present.name, clips_url=present.clips_url, volume=present.volume)
        )
        self.box.volume = present.volume
        for envelope in present.orders:
            self._obey(envelope, present.answered, trusted=True)
        self._want_plan(present.plan)

    def _do(self, order: Order) -> None:
        match order.body:
            case PlanChanged(plans=plans):
                self._want_plan(plans.get(self.obeying.settings.zone))
            case Stop(cue=cue, by=by):
                self.box.happen(StopOrdered(cue=cue, by=by, issued=order.issued), self.horn.front)
                self.box.tick(self.horn.front)
            case SetVolume(decibels=decibels):
                self.obeying.turn_to(decibels)
                self.box.volume = self.obeying.settings.volume
            case TestChime(clip=clip, frames=frames):
                self._chimes[clip] = frames

    # -- plans and clips -----------------------------------------------------------------------------

    def _want_plan(self, ref: PlanRef | None) -> None:
        if ref is not None and (self._plan is None or ref.revision > self._plan.revision):
            self._wanted = ref

    def _put_plan(self, plan: Plan) -> None:
        for clip in plan.clips:
            if clip not in self.cache.held:
                self.cache.check(clip)
        self._plan = plan
        self.heard_of |= {cue.id for cue in plan.cues}
        self._needed = wanted(plan, self._time.now()).order
        self.box.put_plan(plan, self.cache.held, self.horn.front)

    def _fetch(self) -> None:
        """Get the plan that is wanted and all clips it needs, as far as the hub gives them."""
        if self._wanted is not None:
            signed = self._wire.fetch(self.unit, self._wanted.sha256, "plans")
            if signed is not None:
                self._wanted = None
                self._take(signed)
        first = (clip.id for clips in self._first.values() for clip in clips)
        missing = [clip for clip in (*first, *self._chimes, *self._needed) if clip not in self.cache.held]
        if sum(self._lay(clip) for clip in missing):
            self.box.happen(ClipsHeld(held=self.cache.held), self.horn.front)
        for clip, frames in list(self._chimes.items()):
            if clip in self.cache.held:
                del self._chimes[clip]
                self.box.try_chime(Clip(id=clip, frames=frames, joins=False), self.horn.front)

    def _take(self, signed: bytes) -> None:
        try:
            plan = self.obeying.plan(signed)
        except Refused:
            return  # counted
        self.cache.keep_plan(signed)
        self.obeying.holding(plan)
        self.plans.append(plan.revision)
        self._put_plan(plan)

    def _lay(self, clip: ClipId) -> bool:
        fetched = self._wire.fetch(self.unit, clip, "clips")
        if fetched is None:
            return False
        self.cache.part(clip).write_bytes(fetched)
        self.cache.take_in(clip)
        return True

    # -- telling -------------------------------------------------------------------------------------

    def _tell(self) -> None:
        while self._connected:
            entries, vitals = self.records.unsent(), self._vitals()
            receipts = tuple(self._receipts.values())
            due = self._saying.is_due(vitals, self._time.monotonic())
            if not entries and not receipts and not due:
                return
            tell = Tell(
                v=WIRE_VERSION,
                unit=self.unit,
                entries=entries,
                vitals=vitals if due else None,
                receipts=receipts,
            )
            raw = self._wire.tell(self.unit, write(tell))
            if raw is None:
                return
            told = read(Told, raw)
            self.records.told(told.cues)
            for order in told.receipts:
                self._receipts.pop(order, None)
            if receipts and not told.receipts:
                return
            if due:
                self._saying.heard(vitals, self._time.monotonic())

    def _beat(self) -> None:
        now = self._time.now()
        if self._connected and now - self._beaten >= BEAT:
            self._beaten = now
            self._wire.beat(self.unit, SIGN)

    def _vitals(self) -> Vitals:
        missing = len(set(self._needed) - self.cache.held)
        return Vitals(
            v=WIRE_VERSION,
            at=self._time.now(),
            software="0",
            plan=self.box.revision,
            missing=missing,
            playing=self.box.now_playing(),
            clock_error=0.001,
            disk_free=1 << 30,
            speaker="paper",
            waiting=self.records.waiting,
            refusals=dict(self.obeying.refusals),
        )
