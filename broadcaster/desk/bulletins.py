"""Writing bulletins, and judging them."""

from dataclasses import replace
from datetime import datetime

from broadcaster.desk import entries
from broadcaster.desk.counter import Act, Counter
from broadcaster.desk.faults import BadEntry, NotAllowed, NotFound
from broadcaster.desk.rights import Scope, Verb
from broadcaster.domain.bulletin import Bulletin, State, Step, WrongStep, changed, stepped
from broadcaster.domain.names import BadName, BulletinId
from broadcaster.domain.people import Person, Role
from broadcaster.domain.programme import Rank
from broadcaster.folder.audio import BadAudio, find_recording
from broadcaster.store.bulletins import BulletinSheet

__all__ = ["BulletinVerbs"]


class BulletinVerbs(Counter):
    """Verbs about bulletins. `seen` is the `words_at` of what the person had before their eyes: if the
    words changed since, BadEntry changed-since, so that nobody approves or overwrites what they never saw."""

    def write_bulletin(
        self,
        who: Person,
        *,
        title: str,
        words: str | None = None,
        recording: str | None = None,
        rank: Rank = Rank.ORDINARY,
        language: str | None = None,
        id: str | None = None,
    ) -> Bulletin:
        """Write a new bulletin: words, or a recording (a path that `hand_in_recording` gave).

        Where the station asks for no approval, an editor's is approved at once; a village's never is.
        BadEntry codes: empty, too-long, control-characters, words-or-recording, no-such-recording,
        bad-rank, bad-id, id-taken.
        """
        title = entries.line(title, "title")
        words, recording = self._content(words, recording)
        bulletin_id = BulletinId(entries.checked_id(id, title))
        with self.act(who, Verb.WRITE) as act:
            bulletin = Bulletin(
                id=bulletin_id,
                title=title,
                words=words,
                recording=recording,
                author=act.who.login,
                written=act.now,
                rank=entries.rank(rank),
                language=language,
            )
            known = self.store.bulletins.find(bulletin_id)
            if known is not None:
                act.nothing()
                return _same(known, bulletin)
            return self._put_new_words(act, bulletin, before="")

    def rewrite(
        self,
        who: Person,
        bulletin: str,
        *,
        title: str,
        words: str | None = None,
        recording: str | None = None,
        seen: datetime | None = None,
    ) -> Bulletin:
        """Change a bulletin: it loses its approval, unless this person's words need none."""
        title = entries.line(title, "title")
        words, recording = self._content(words, recording)
        with self.act(who, Verb.REWRITE) as act:
            sheet = self.needed_bulletin(bulletin)
            old = sheet.bulletin
            act.only_own(mine=old.author == act.who.login, what="a bulletin")
            _check_seen(sheet, seen)
            fresh = changed(old, title=title, words=words, recording=recording)
            if fresh == old:
                act.nothing()
                return old
            return self._put_new_words(act, fresh, before=_told(old))

    def submit(self, who: Person, bulletin: str) -> Bulletin:
        """Hand it to whoever approves. Again: changes nothing. BadEntry code wrong-step.

        Where the station asks for no approval, an editor's yes is enough: it is approved at once.
        """
        with self.act(who, Verb.SUBMIT) as act:
            sheet = self.needed_bulletin(bulletin)
            act.only_own(mine=sheet.bulletin.author == act.who.login, what="a bulletin")
            if sheet.bulletin.state is State.SUBMITTED and not self._trusted(act):
                act.nothing()
                return sheet.bulletin
            steps = () if sheet.bulletin.state is State.SUBMITTED else (Step.SUBMIT,)
            if self._trusted(act):
                return self._judge(act, sheet, *steps, Step.APPROVE)
            return self._step(act, sheet, *steps)

    def approve(self, who: Person, bulletin: str, *, seen: datetime | None = None) -> Bulletin:
        """Let it be aired. Again: changes nothing. Nobody approves their own words but an administrator
        (NotAllowed own-words). BadEntry code wrong-step."""
        with self.act(who, Verb.APPROVE) as act:
            sheet = self.needed_bulletin(bulletin)
            _check_seen(sheet, seen)
            if sheet.bulletin.state is State.APPROVED:
                act.nothing()
                return sheet.bulletin
            mine = act.who.login in (sheet.bulletin.author, sheet.words_by)
            if mine and Role.ADMIN not in act.who.roles:
                raise NotAllowed(
                    f"{act.who.name} wrote these words: somebody else has to approve them", "own-words"
                )
            return self._judge(act, sheet, Step.APPROVE)

    def return_(self, who: Person, bulletin: str, *, why: str) -> Bulletin:
        """Give it back with the reason; an approved one will not be aired any more. BadEntry: wrong-step."""
        why = entries.line(why, "why")
        with self.act(who, Verb.RETURN) as act:
            sheet = self.needed_bulletin(bulletin)
            if (sheet.bulletin.state, sheet.judged_by, sheet.why) == (State.RETURNED, act.who.login, why):
                act.nothing()
                return sheet.bulletin
            return self._judge(act, sheet, Step.RETURN, why=why)

    def needed_bulletin(self, bulletin: str) -> BulletinSheet:
        """The bulletin of that id. Raises NotFound."""
        try:
            sheet = self.store.bulletins.sheet(BulletinId(bulletin))
        except BadName:
            sheet = None
        if sheet is None:
            raise NotFound("bulletin", bulletin)
        return sheet

    def _content(self, words: str | None, recording: str | None) -> tuple[str | None, str | None]:
        if (words is None) == (recording is None):
            raise BadEntry(
                "words",
                "a bulletin is either words or a recording",
                "give one of the two",
                code="words-or-recording",
            )
        if words is not None:
            return entries.words(words), None
        assert recording is not None
        try:
            find_recording(self.folder.audio.parent, recording)
        except BadAudio as fault:
            raise BadEntry("recording", fault.wrong, fault.expected, code="no-such-recording") from None
        return None, recording

    def _trusted(self, act: Act) -> bool:
        """Whether what this person writes needs nobody's yes."""
        return not self.folder.station.approval and act.scope is Scope.ALL

    def _put_new_words(self, act: Act, bulletin: Bulletin, *, before: str) -> Bulletin:
        sheet = BulletinSheet(bulletin=bulletin, words_by=act.who.login, words_at=act.now)
        if self._trusted(act):
            approved = stepped(stepped(bulletin, Step.SUBMIT), Step.APPROVE)
            sheet = replace(sheet, bulletin=approved, judged_by=act.who.login, judged_at=act.now)
        self.store.bulletins.put(sheet)
        act.note(bulletin.id, before=before, after=_told(sheet.bulletin))
        return sheet.bulletin

    def _judge(self, act: Act, sheet: BulletinSheet, *steps: Step, why: str = "") -> Bulletin:
        return self._step(
            act, replace(sheet, judged_by=act.who.login, judged_at=act.now, why=why), *steps, why=why
        )

    def _step(self, act: Act, sheet: BulletinSheet, *steps: Step, why: str = "") -> Bulletin:
        bulletin = sheet.bulletin
        for step in steps:
            try:
                bulletin = stepped(bulletin, step)
            except WrongStep as fault:
                raise BadEntry(
                    "bulletin", str(fault), "look at it again: it may have moved on", code="wrong-step"
                ) from None
        self.store.bulletins.put(replace(sheet, bulletin=bulletin))
        after = f"{bulletin.state}: {why}" if why else bulletin.state.value
        act.note(bulletin.id, before=sheet.bulletin.state.value, after=after)
        return bulletin


def _check_seen(sheet: BulletinSheet, seen: datetime | None) -> None:
    if seen is not None and seen != sheet.words_at:
        raise BadEntry(
            "bulletin",
            f"its words were changed meanwhile by {sheet.words_by}",
            "read it again first",
            code="changed-since",
        )


def _same(known: Bulletin, again: Bulletin) -> Bulletin:
    """The bulletin that is there, if this is the same one sent twice. BadEntry code id-taken."""
    if replace(known, written=again.written, state=again.state) != again:
        raise BadEntry("id", f"{known.id} is another bulletin's", "choose another id", code="id-taken")
    return known


def _told(bulletin: Bulletin) -> str:
    content = bulletin.words if bulletin.words is not None else f"recording {bulletin.recording}"
    return f"{bulletin.state}, {bulletin.title}: {content}"
