"""Writing bulletins, and judging them."""

from pathlib import Path

from broadcaster.desk.counter import Counter
from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.people import Person
from broadcaster.domain.programme import Rank

__all__ = ["BulletinVerbs"]


class BulletinVerbs(Counter):
    """Verbs about bulletins. Ids are taken as typed; a bad one is NotFound."""

    def hand_in_recording(self, who: Person, upload: Path, *, name: str) -> str:
        """Take in an uploaded temporary file; returns the recording's path below audio/.

        `name` is what the person's file was called. Takes as long as decoding does; `upload` stays.
        BadEntry codes: bad-sound, no-room.
        """
        raise NotImplementedError

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
        raise NotImplementedError

    def rewrite(
        self,
        who: Person,
        bulletin: str,
        *,
        title: str,
        words: str | None = None,
        recording: str | None = None,
    ) -> Bulletin:
        """Change a bulletin: it loses its approval, unless this person's own words need none."""
        raise NotImplementedError

    def submit(self, who: Person, bulletin: str) -> Bulletin:
        """Hand it to whoever approves. BadEntry code wrong-step."""
        raise NotImplementedError

    def approve(self, who: Person, bulletin: str) -> Bulletin:
        """Let it be aired. Nobody approves their own words but an administrator (NotAllowed own-words)."""
        raise NotImplementedError

    def return_(self, who: Person, bulletin: str, *, why: str) -> Bulletin:
        """Give it back with the reason; an approved one will not be aired any more."""
        raise NotImplementedError
