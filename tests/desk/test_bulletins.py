"""A bulletin from its first words to somebody's yes."""

from collections.abc import Callable

import pytest

from broadcaster.desk import BadEntry, NotAllowed, NotFound
from broadcaster.domain.bulletin import State
from broadcaster.domain.people import Role
from broadcaster.domain.programme import Rank
from tests.desk.village import Village


def code_of(fault: pytest.ExceptionInfo[BadEntry] | pytest.ExceptionInfo[NotAllowed]) -> str:
    return fault.value.code


def test_without_approval_an_editor_s_bulletin_is_approved_at_once(village: Village) -> None:
    assert village.bulletin(village.lan).state is State.APPROVED
    sheet = village.desk.needed_bulletin("mat-dien")
    assert (sheet.judged_by, sheet.words_by) == ("lan", "lan")


def test_a_village_s_bulletin_always_needs_somebody_s_yes(village: Village) -> None:
    assert village.bulletin(village.ben).state is State.DRAFT
    assert village.desk.submit(village.ben, "mat-dien").state is State.SUBMITTED
    assert village.desk.approve(village.minh, "mat-dien").state is State.APPROVED


def test_with_approval_an_editor_s_bulletin_waits_too(village: Village) -> None:
    village.asks_for_approval()
    assert village.bulletin(village.lan).state is State.DRAFT
    assert village.desk.submit(village.lan, "mat-dien").state is State.SUBMITTED
    assert village.desk.approve(village.minh, "mat-dien").state is State.APPROVED
    sheet = village.desk.needed_bulletin("mat-dien")
    assert (sheet.judged_by, sheet.judged_at) == ("minh", village.present)


def test_nobody_approves_their_own_words_but_an_administrator(village: Village) -> None:
    village.asks_for_approval()
    for who in (village.minh, village.an):
        village.bulletin(who, who.login)
        village.desk.submit(who, who.login)
    with pytest.raises(NotAllowed, match="wrote these words: somebody else") as told:
        village.desk.approve(village.minh, "minh")
    assert code_of(told) == "own-words"
    assert village.desk.approve(village.an, "an").state is State.APPROVED


def test_an_approver_who_changed_the_words_has_written_them(village: Village) -> None:
    village.asks_for_approval()
    village.bulletin(village.lan)
    village.desk.rewrite(village.minh, "mat-dien", title="Mất điện", words="Mốt mất điện.")
    village.desk.submit(village.lan, "mat-dien")
    with pytest.raises(NotAllowed) as told:
        village.desk.approve(village.minh, "mat-dien")
    assert code_of(told) == "own-words"


def test_approved_words_that_change_lose_their_approval(village: Village) -> None:
    village.kept(village.ben, State.APPROVED)
    changed = village.desk.rewrite(village.ben, "mat-dien", title="Mất điện", words="Khác hẳn.")
    assert changed.state is State.DRAFT
    sheet = village.desk.needed_bulletin("mat-dien")
    assert (sheet.judged_by, sheet.judged_at) == (None, None)


def test_without_approval_an_editor_s_changed_words_stay_approved(village: Village) -> None:
    village.bulletin(village.lan)
    changed = village.desk.rewrite(village.lan, "mat-dien", title="Mất điện", words="Khác hẳn.")
    assert (changed.state, changed.words) == (State.APPROVED, "Khác hẳn.")


def test_saving_the_same_words_changes_nothing(village: Village) -> None:
    village.kept(village.ben, State.APPROVED)
    before = village.trail()
    same = village.desk.rewrite(village.ben, "mat-dien", title=" Mất điện ", words="Mai mất điện.\r\n")
    assert same.state is State.APPROVED
    assert village.trail() == before


def test_without_approval_an_editor_s_yes_is_enough_for_a_draft(village: Village) -> None:
    village.kept(village.ben, State.DRAFT)
    assert village.desk.submit(village.lan, "mat-dien").state is State.APPROVED
    village.kept(village.ben, State.SUBMITTED, "mat-nuoc")
    assert village.desk.submit(village.lan, "mat-nuoc").state is State.APPROVED


def test_what_is_returned_tells_why_and_can_be_tried_again(village: Village) -> None:
    village.kept(village.ben, State.SUBMITTED)
    assert village.desk.return_(village.minh, "mat-dien", why="Sai ngày").state is State.RETURNED
    sheet = village.desk.needed_bulletin("mat-dien")
    assert (sheet.judged_by, sheet.why) == ("minh", "Sai ngày")
    assert village.trail()[0].after == "returned: Sai ngày"
    village.desk.rewrite(village.ben, "mat-dien", title="Mất điện", words="Mốt mất điện.")
    assert village.desk.submit(village.ben, "mat-dien").state is State.SUBMITTED


def test_approved_words_can_be_taken_off_the_air_by_returning_them(village: Village) -> None:
    village.kept(village.ben, State.APPROVED)
    assert village.desk.return_(village.minh, "mat-dien", why="Sai ngày").state is State.RETURNED


def test_a_reason_is_asked_for(village: Village) -> None:
    village.kept(village.ben, State.SUBMITTED)
    with pytest.raises(BadEntry) as told:
        village.desk.return_(village.minh, "mat-dien", why="  ")
    assert (told.value.field, code_of(told)) == ("why", "empty")


def test_a_draft_cannot_be_approved_before_it_is_handed_over(village: Village) -> None:
    village.kept(village.ben, State.DRAFT)
    with pytest.raises(BadEntry, match="cannot be put to approve") as told:
        village.desk.approve(village.minh, "mat-dien")
    assert code_of(told) == "wrong-step"


def test_nobody_approves_or_overwrites_words_they_never_saw(village: Village) -> None:
    village.kept(village.ben, State.SUBMITTED)
    seen = village.desk.needed_bulletin("mat-dien").words_at
    village.later(minutes=1)
    village.desk.rewrite(village.hoa, "mat-dien", title="Mất điện", words="Thay đổi cả rồi.")
    village.asks_for_approval()
    village.kept(village.hoa, State.SUBMITTED)
    acts: list[Callable[[], object]] = [
        lambda: village.desk.approve(village.minh, "mat-dien", seen=seen),
        lambda: village.desk.rewrite(village.lan, "mat-dien", title="Mất điện", words="Của tôi.", seen=seen),
    ]
    for act in acts:
        with pytest.raises(BadEntry, match="changed meanwhile by hoa") as told:
            act()
        assert code_of(told) == "changed-since"
    fresh = village.desk.needed_bulletin("mat-dien").words_at
    assert village.desk.approve(village.minh, "mat-dien", seen=fresh).state is State.APPROVED


def test_a_village_touches_only_its_own_words(village: Village) -> None:
    village.kept(village.cho, State.DRAFT)
    for act in (
        lambda: village.desk.rewrite(village.ben, "mat-dien", title="x", words="Của tôi."),
        lambda: village.desk.submit(village.ben, "mat-dien"),
        lambda: village.desk.book(village.ben, "mat-dien", "tin-ben@2026-11-21T18:00:00"),
    ):
        with pytest.raises(NotAllowed) as told:
            act()
        assert code_of(told) == "not-own"


def test_somebody_with_two_roles_has_the_wider_right(village: Village) -> None:
    both = village.person("both", Role.VILLAGE, Role.EDITOR, zone="thon-ben")
    village.kept(village.cho, State.DRAFT)
    village.desk.rewrite(both, "mat-dien", title="x", words="Của tôi.")


def test_a_bulletin_that_is_not_there_is_told(village: Village) -> None:
    for id in ("khong-co", "Không Có", "", "../../etc"):
        with pytest.raises(NotFound, match="there is no bulletin") as told:
            village.desk.submit(village.lan, id)
        assert told.value.code == "no-such-bulletin"


def test_an_id_used_for_other_words_is_refused(village: Village) -> None:
    first = village.bulletin(village.lan)
    with pytest.raises(BadEntry) as told:
        village.desk.write_bulletin(village.lan, title="Khác", words="Khác.", id="mat-dien")
    assert code_of(told) == "id-taken"
    with pytest.raises(BadEntry):
        village.bulletin(village.hoa)
    assert village.store.bulletins.find(first.id) == first


def test_a_retry_after_the_bulletin_moved_on_gets_it_as_it_is_now(village: Village) -> None:
    village.bulletin(village.ben)
    village.desk.submit(village.ben, "mat-dien")
    assert village.bulletin(village.ben).state is State.SUBMITTED


def test_an_id_is_made_of_the_title_where_the_panel_gives_none(village: Village) -> None:
    made = [
        village.desk.write_bulletin(village.lan, title=title, words="Mai mất điện.").id
        for title in ("Mất điện ở Đồng Tiến", "Mất điện ở Đồng Tiến", "ປະກາດ", "x" * 190)
    ]
    assert made[0].startswith("mat-dien-o-dong-tien-")
    assert made[2].startswith("x-")
    assert len(set(made)) == 4


def test_a_bulletin_is_words_or_a_recording_that_is_there(village: Village) -> None:
    recordings = village.folder.audio / "recordings"
    recordings.mkdir(parents=True)
    (recordings / "hop.opus").write_bytes(b"sound")
    (recordings / "empty.opus").touch()
    written = village.desk.write_bulletin(village.lan, title="Họp", recording="recordings/hop.opus")
    assert (written.words, written.recording) == (None, "recordings/hop.opus")
    for recording in ("recordings/none.opus", "recordings/empty.opus", "../state/station.db", "/etc/passwd"):
        with pytest.raises(BadEntry) as told:
            village.desk.write_bulletin(village.lan, title="Họp", recording=recording)
        assert code_of(told) == "no-such-recording"
    for words, recording_too in ((None, None), ("Họp.", "recordings/hop.opus")):
        with pytest.raises(BadEntry) as told:
            village.desk.write_bulletin(village.lan, title="Họp", words=words, recording=recording_too)
        assert code_of(told) == "words-or-recording"


def test_a_bulletin_is_no_emergency_and_no_filler(village: Village) -> None:
    urgent = village.desk.write_bulletin(village.lan, title="Gấp", words="Gấp.", rank=Rank.PRIORITY)
    assert urgent.rank is Rank.PRIORITY
    for rank in (Rank.EMERGENCY, Rank.FILL):
        with pytest.raises(BadEntry) as told:
            village.desk.write_bulletin(village.lan, title="Gấp", words="Gấp.", rank=rank)
        assert code_of(told) == "bad-rank"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("...!?", "empty"),
        ("\u200b\u200b", "empty"),
        ("a" * 50_000, "too-long"),
        ("Xin chào\x00bà con", "control-characters"),
        ("\x1b]0;title\x07Xin chào", "control-characters"),
        ("Xin chào \ud800", "control-characters"),
    ],
)
def test_words_that_cannot_be_said_are_refused_in_a_sentence(village: Village, words: str, code: str) -> None:
    with pytest.raises(BadEntry) as told:
        village.desk.write_bulletin(village.lan, title="Mất điện", words=words)
    assert (told.value.field, code_of(told)) == ("words", code)
    assert len(str(told.value)) < 200
    assert str(told.value).isprintable()
    assert village.store.bulletins.list() == ()


def test_the_trail_shows_what_the_words_were_and_became(village: Village) -> None:
    village.bulletin(village.lan)
    village.desk.rewrite(village.hoa, "mat-dien", title="Mất nước", words="Mai mất nước.")
    line = village.trail()[0]
    assert (line.who, line.before, line.after) == (
        "hoa",
        "approved, Mất điện: Mai mất điện.",
        "approved, Mất nước: Mai mất nước.",
    )
