"""A bulletin's life: draft, submitted, approved or returned, booked, aired.

The table is the whole policy; a step it does not name cannot be taken.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from broadcaster.domain.instants import instant
from broadcaster.domain.names import BulletinId
from broadcaster.domain.programme import Rank
from broadcaster.domain.words import checked_words

__all__ = ["STEPS", "Bulletin", "State", "Step", "WrongStep", "changed", "stepped"]


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"


class Step(StrEnum):
    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    REWRITE = "rewrite"


STEPS: dict[tuple[State, Step], State] = {
    (State.DRAFT, Step.SUBMIT): State.SUBMITTED,
    (State.DRAFT, Step.REWRITE): State.DRAFT,
    (State.RETURNED, Step.SUBMIT): State.SUBMITTED,
    (State.RETURNED, Step.REWRITE): State.DRAFT,
    (State.SUBMITTED, Step.APPROVE): State.APPROVED,
    (State.SUBMITTED, Step.RETURN): State.RETURNED,
    (State.SUBMITTED, Step.REWRITE): State.DRAFT,
    (State.APPROVED, Step.RETURN): State.RETURNED,
    (State.APPROVED, Step.REWRITE): State.DRAFT,  # approved text cannot change and stay approved
}


class WrongStep(ValueError):
    """A step that a bulletin in that state cannot take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletin:
    """Words or a recording (a path below audio/), never both."""

    id: BulletinId
    title: str
    words: str | None
    recording: str | None
    author: str
    written: datetime
    rank: Rank = Rank.ORDINARY
    language: str | None = None
    state: State = State.DRAFT

    def __post_init__(self) -> None:
        instant(self.written)
        if not self.title.strip():
            raise ValueError("a bulletin has a title")
        if (self.words is None) == (self.recording is None):
            raise ValueError("a bulletin is either words or a recording")
        if self.words is not None:
            checked_words(self.words)
        if self.rank not in (Rank.ORDINARY, Rank.PRIORITY):
            raise ValueError("a bulletin is ordinary or priority")


def stepped(bulletin: Bulletin, step: Step) -> Bulletin:
    """The bulletin after `step`. Raises WrongStep."""
    try:
        return replace(bulletin, state=STEPS[bulletin.state, step])
    except KeyError:
        raise WrongStep(f"a bulletin that is {bulletin.state} cannot be put to {step!s}") from None


def changed(bulletin: Bulletin, *, title: str, words: str | None, recording: str | None) -> Bulletin:
    """The bulletin with other content: a draft again, whatever it was."""
    rewritten = replace(bulletin, title=title, words=words, recording=recording)
    same = (bulletin.title, bulletin.words, bulletin.recording) == (title, words, recording)
    return bulletin if same else stepped(rewritten, Step.REWRITE)
