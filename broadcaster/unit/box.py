"""One pass of the agent: the playout's decisions carried out, and what was heard written down.

Time is an argument, and nothing here waits, so that whole days can be lived at fake speed.

Laws
1. What the playout decided is carried out in the order of its instants; what it will decide within the next
   moments is handed to the player ahead, by stepping a copy.
2. An entry is written when the device has sounded the last frame.
3. A cue that begins is on the disk as open before it can be heard, and its progress every few seconds. An
   alert waits for no disk, nor does silence: the player has them first.
4. What is over is on the disk as over at once, though its entry has to wait for the device: a power cut in
   between does not make it sound again.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from broadcaster.domain.health import BEAT
from broadcaster.domain.instants import Spell, until_of
from broadcaster.domain.names import ClipId, CueId, UnitId, ZoneId
from broadcaster.domain.plan import Clip, Plan, PlannedCue, length_of
from broadcaster.domain.playout import (
    Begin,
    Cease,
    ClockTrusted,
    Close,
    Decision,
    Faulted,
    FoundOpen,
    Happening,
    PlanArrived,
    Playout,
    fresh,
    next_instant,
    step,
)
from broadcaster.domain.programme import Rank
from broadcaster.domain.volume import Cap
from broadcaster.horn.passage import Passage
from broadcaster.horn.player import Heard
from broadcaster.link.messages import NowPlaying
from broadcaster.unit.account import CueAccount
from broadcaster.unit.records import Open, Records
from broadcaster.unit.timeline import applied, chime_among, fitted

__all__ = ["LOOK_AHEAD", "Box", "Plays"]

LOOK_AHEAD = timedelta(seconds=15)
"""What the player is told ahead: longer than a worn memory card should hold up a pass, and less than the
watchdog waits. What is planned begins in time meanwhile."""

_KEPT = timedelta(seconds=1)
"""A passage stays in the player's list so long after its end: its last frames may still be on their way."""

_ON_ITS_WAY = timedelta(milliseconds=600)
"""Decisions are made ahead of the horn: so long after one it can be told what became of it."""

_DRAIN = timedelta(seconds=3)
"""The longest an entry waits for the device to sound the last frames."""

_PROGRESS = timedelta(seconds=5)
_TEST = CueId("thu-chuong@2000-01-01T00:00:00")
"""The test chime is nobody's plan: it is heard by whoever asked for it, and leaves no line."""

_logger = logging.getLogger(__name__)


class Plays(Protocol):
    """What the box needs of a player; `horn.player.Player` is one."""

    def follow(self, passages: Sequence[Passage]) -> None: ...

    def heard(self) -> tuple[Heard, ...]: ...


class Box:
    """The agent without wire, clock and threads.

    `now` is everywhere the instant from which on it can still be decided what sounds (`Player.front`), a
    fraction of a second ahead: so what begins "now" is heard from its first word. `broken` is told of
    passages whose sound broke, `sounds` when a cue is first heard, and with which instant.
    """

    def __init__(
        self,
        *,
        unit: UnitId,
        records: Records,
        player: Plays,
        now: datetime,
        broken: Callable[[tuple[Clip, ...]], None] = lambda _: None,
        sounds: Callable[[PlannedCue, datetime], None] = lambda _, __: None,
    ) -> None:
        self._unit = unit
        self._records = records
        self._player = player
        self._close_found()
        self._state = fresh(now, records.closed())
        self._passages: list[Passage] = []
        self._accounts: dict[CueId, CueAccount] = {}
        self._closing: list[Close] = []
        self._coming: frozenset[CueId] = frozenset()
        self._early: list[Heard] = []
        """What sounded of cues that the player began and this pass has not come to yet."""
        self._test: Passage | None = None
        self._broken = broken
        self._sounds = sounds
        self._zone: ZoneId | None = None
        self._caps: tuple[Cap, ...] = ()
        self.volume = 0.0
        for airing in records.found_open():
            self._accounts[airing.cue.id] = CueAccount(
                cue=airing.cue, before=airing.stretches, level=airing.level
            )
            self.happen(
                FoundOpen(
                    cue=airing.cue,
                    revision=airing.revision,
                    begun=airing.begun,
                    last=airing.last,
                    clip=airing.clip,
                    offset=airing.offset,
                ),
                now,
            )

    def _close_found(self) -> None:
        """Write the entries of what was over when the power went."""
        for airing in self._records.found_open():
            if airing.close is not None:
                account = CueAccount(cue=airing.close.cue, before=airing.stretches, level=airing.level)
                self._records.close(account.entry(self._unit, airing.close))

    @property
    def state(self) -> Playout:
        return self._state

    @property
    def revision(self) -> int:
        """Of the plan in force; 0 for none, and for one that has run out."""
        state = self._state
        run_out = state.trusted and state.span is not None and state.span.end <= state.now
        return 0 if run_out else state.revision

    def next_instant(self) -> datetime | None:
        return next_instant(self._state)

    def put_plan(self, plan: Plan, held: frozenset[ClipId], now: datetime) -> None:
        if plan.zone != self._zone:  # another zone's plans have revisions of their own
            self._zone = plan.zone
            self._state = replace(self._state, revision=0)
        if plan.revision >= self._state.revision:
            self._caps = plan.caps
        self.happen(PlanArrived(plan=plan, held=held), now)

    def trust(self, trusted: bool, now: datetime, shift: timedelta = timedelta(0)) -> None:
        """Whether the clock is trusted; it was set by `shift`, and the player knows."""
        if shift:
            self._passages = [passage.moved(shift) for passage in self._passages]
            self._test = self._test and self._test.moved(shift)
            self._closing = [replace(close, at=close.at + shift) for close in self._closing]
            for account in self._accounts.values():
                account.move(shift)
        if trusted != self._state.trusted or shift:
            self.happen(ClockTrusted(trusted=trusted, shift=shift), now)

    def happen(self, happening: Happening, now: datetime) -> None:
        """Something happened; the player knows at once what it means."""
        self._state, decisions = step(self._state, now, happening)
        self._carry_out(decisions, now)

    def tick(self, now: datetime) -> None:
        """One pass: what fell due, what comes, what was heard."""
        self._hear(now)
        self._state, decisions = step(self._state, now)
        self._carry_out(decisions, now)
        self._hear(now)
        self._write_progress(now)
        self._write_entries(now)

    def fail(self, why: str, now: datetime) -> None:
        """Our own code failed: the cue in hand gets FAILED, and what comes goes on."""
        if self._state.on_air is not None:
            self.happen(Faulted(cue=self._state.on_air.cue.id, why=why), now)

    def try_chime(self, clip: Clip, now: datetime) -> bool:
        """Sound the test chime, if the air is free and this is known to be no time to be silent."""
        state = self._state
        free = state.on_air is None and state.trusted and until_of(state.open, now) is not None
        if free:
            self._test = Passage(cue=_TEST, begin=now, clips=(clip,))
            self._player.follow(self._ahead(now))
        return free

    def now_playing(self) -> NowPlaying | None:
        """What is being heard, from samples sounded."""
        for account in self._accounts.values():
            if account.sounding:
                cue, since = account.cue, account.stretches[0].begin
                return NowPlaying(cue=cue.id, title=cue.title, since=since, played=account.played)
        return None

    def sound_due(self, now: datetime) -> float | None:
        """The gain in dB at which sound should have been heard all the time for one `BEAT` until now; None
        if it should not."""
        span = Spell(begin=now - BEAT, end=now)
        return next((a.sound_due(span) for a in self._accounts.values() if a.sounding), None)

    # -- carrying out --------------------------------------------------------------------------------

    def _carry_out(self, decisions: Iterable[Decision], now: datetime) -> None:
        """What is decided is on the disk and with the player; an alert, or silence, with the player first."""
        decisions = tuple(decisions)
        for decision in decisions:
            self._passages = applied(self._passages, decision)
            if isinstance(decision, Begin):
                account = self._accounts.setdefault(decision.cue.id, CueAccount(cue=decision.cue))
                account.cue = decision.cue
        sound_first = any(isinstance(one, Cease) or one.cue.rank is Rank.EMERGENCY for one in decisions)
        if sound_first:
            self._player.follow(self._ahead(now))
        for decision in decisions:
            match decision:
                case Begin():
                    self._keep_open(decision.at)
                case Close():
                    self._begin_to_close(decision)
                case Cease():
                    pass
        if not sound_first:
            self._player.follow(self._ahead(now))

    def _begin_to_close(self, close: Close) -> None:
        account = self._accounts.get(close.cue.id)
        if account is None:  # it never began: there is nothing to wait for
            self._records.close(CueAccount(cue=close.cue).entry(self._unit, close))
            return
        account.cue = close.cue
        self._closing.append(close)
        self._records.keep_close(close, account.stretches, account.level)

    def _ahead(self, now: datetime) -> tuple[Passage, ...]:
        """What the player is to play: what is decided, and what will be."""
        self._passages = [p for p in self._passages if p.end > now - _KEPT]
        _, coming = step(self._state, now + LOOK_AHEAD)
        passages = self._passages
        cues = {id: account.cue for id, account in self._accounts.items()}
        for decision in coming:
            passages = applied(passages, decision)
            cues[decision.cue.id] = decision.cue
        self._coming = frozenset(cues)
        self._test = self._test and chime_among(self._test, passages, now - _KEPT)
        if self._test is not None:
            passages = [*passages, self._test]
        in_order = sorted(passages, key=lambda p: p.begin)
        return tuple(self._fitted(passage, cues.get(passage.cue), now) for passage in in_order)

    def _fitted(self, passage: Passage, cue: PlannedCue | None, now: datetime) -> Passage:
        return fitted(
            passage,
            cue,
            state=self._state,
            caps=self._caps,
            volume=self.volume,
            now=now,
        )

    # -- writing down --------------------------------------------------------------------------------

    def _hear(self, now: datetime) -> None:
        early, self._early = self._early, []
        for heard in (*early, *self._player.heard()):
            self._note(heard, now)

    def _note(self, heard: Heard, now: datetime) -> None:
        account = self._accounts.get(heard.cue)
        if account is None:
            if heard.cue in self._coming:
                self._early.append(heard)
            return
        told_before = heard.first in account.faults
        was_silent = not account.played
        account.take(heard)
        if was_silent and account.played:
            self._sounds(account.cue, account.stretches[0].begin)
        if heard.fault is None or told_before:
            return
        account.faults.add(heard.first)
        _logger.error("cue=%s its sound broke: %s", heard.cue, heard.fault)
        broke = heard.begin + length_of(heard.laid)
        self._broken(heard.passage.clips_about(broke))
        if self._state.on_air is not None and heard.cue == self._state.on_air.cue.id:
            self.happen(Faulted(cue=heard.cue, why=str(heard.fault), at=broke), now)

    def _keep_open(self, now: datetime) -> None:
        air = self._state.on_air
        if air is None:
            return
        account = self._accounts.setdefault(air.cue.id, CueAccount(cue=air.cue))
        stretches = account.stretches
        last = stretches[-1].end if account.runs and stretches else air.since
        point = air.point_at(max(last, air.since))
        self._records.keep_open(
            Open(
                cue=air.cue,
                revision=air.revision,
                begun=air.begun,
                last=max(last, air.begun),
                clip=point.clip,
                offset=point.offset,
                stretches=stretches,
                level=account.level,
            )
        )
        account.written = now

    def write_down(self, now: datetime) -> None:
        """Write down how far what is on air is: the process is about to end."""
        self._hear(now)
        self._keep_open(now)
        for close in self._closing:
            account = self._accounts[close.cue.id]
            self._records.keep_close(close, account.stretches, account.level)

    def _write_progress(self, now: datetime) -> None:
        air = self._state.on_air
        account = None if air is None else self._accounts.get(air.cue.id)
        if account is not None and (account.written is None or now - account.written >= _PROGRESS):
            self._keep_open(now)

    def _write_entries(self, now: datetime) -> None:
        waiting: list[Close] = []
        for close in self._closing:
            account = self._accounts[close.cue.id]
            waited = now - close.at
            if waited > _DRAIN or (account.drained and waited > _ON_ITS_WAY):
                self._records.close(account.entry(self._unit, close))
                del self._accounts[close.cue.id]
            else:
                waiting.append(close)
        self._closing = waiting
