"""A bulletin's life, and what cannot be one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.bulletin import STEPS, State, Step, WrongStep, changed, stepped
from broadcaster.domain.programme import Rank
from tests.domain.villages import bulletin

FROM_THE_RULES = {
    State.DRAFT: {Step.SUBMIT, Step.REWRITE},
    State.SUBMITTED: {Step.APPROVE, Step.RETURN, Step.REWRITE},
    State.RETURNED: {Step.SUBMIT, Step.REWRITE},
    State.APPROVED: {Step.RETURN, Step.REWRITE},
}


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", Step)
def test_a_bulletin_takes_the_steps_of_its_state_and_no_other(state: State, step: Step) -> None:
    if step in FROM_THE_RULES[state]:
        assert stepped(bulletin("mot", state=state), step).state is STEPS[state, step]
    else:
        with pytest.raises(WrongStep, match=state):
            stepped(bulletin("mot", state=state), step)


@given(st.lists(st.sampled_from(Step), max_size=12))
def test_no_bulletin_is_approved_but_by_an_approver_after_its_last_change(steps: list[Step]) -> None:
    now = bulletin("mot", state=State.DRAFT)
    taken = []
    for step in steps:
        try:
            now = stepped(now, step)
        except WrongStep:
            continue
        taken.append(step)
    assert (now.state is State.APPROVED) == (taken[-1:] == [Step.APPROVE])
    if now.state is State.APPROVED:
        assert taken[-2:] == [Step.SUBMIT, Step.APPROVE]


@pytest.mark.parametrize("state", State)
def test_changed_words_make_a_draft_of_any_bulletin_and_the_same_words_leave_it_as_it_is(
    state: State,
) -> None:
    before = bulletin("mot", state=state)
    assert changed(before, title=before.title, words=before.words, recording=None) is before
    after = changed(before, title=before.title, words="tin khác", recording=None)
    assert (after.words, after.state, after.id) == ("tin khác", State.DRAFT, before.id)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"title": "\t"}, "has a title"),
        ({"words": None}, "either words or a recording"),
        ({"recording": "a.mp3"}, "either words or a recording"),
        ({"words": "\x00" * 30}, "control character"),
        ({"words": " "}, "nothing to say"),
        ({"rank": Rank.EMERGENCY}, "ordinary or priority"),
        ({"rank": Rank.FILL}, "ordinary or priority"),
    ],
)
def test_a_bulletin_that_cannot_be_is_not_built(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        bulletin("mot", **wrong)
