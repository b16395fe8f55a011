"""A template saved by the panel into the file that people wrote."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.alert import AlertTemplate, Hazard, Severity, Wording
from broadcaster.domain.names import AlertId
from broadcaster.domain.programme import Recorded, Spoken
from broadcaster.folder import (
    BadFolder,
    ChangedUnderneath,
    alert_mark,
    read_alerts,
    read_station,
    write_alert,
)
from tests.folder.folders import Folder

COMMENTED = """\
# Mẫu của thôn Bến, bác Tư sửa ngày 20/11
title    = "Lũ"           # tên ngắn
hazard   = "flood"
severity = "extreme"
signal   = "opening"      # còi
zones    = ["thon-ben"]   # nơi phát

# Lời đọc: hỏi bác Tư trước khi sửa
[[text]]
language   = "vi"
alert      = \"\"\"
Nước lũ đang lên.
Bà con lên chỗ cao.
\"\"\" # đã duyệt
correction = 'Phát nhầm.'
all-clear  = "Nước đã rút."

[[text]]
language   = "en"         # cho khách
alert      = "Water is rising."
correction = "Sent by mistake."
all-clear  = "The water is gone."
"""
LU = AlertId("lu")
FILE = "schedules/alerts/lu.toml"


def spoken(words: str, language: str = "vi") -> Spoken:
    return Spoken(words=words, language=language)


def a_template(**changes: object) -> AlertTemplate:
    template = AlertTemplate(
        id=LU,
        title="Lũ",
        hazard=Hazard.FLOOD,
        severity=Severity.EXTREME,
        signal="opening",
        zones=("thon-ben",),
        wordings=(
            Wording(
                language="vi",
                alert=spoken("Nước lên.\nLên chỗ cao."),
                correction=spoken("Phát nhầm."),
                all_clear=Recorded(path="recordings/nhac.mp3"),
            ),
        ),
    )
    return replace(template, **changes)  # type: ignore[arg-type]


def lying(folder: Folder) -> AlertTemplate:
    """The template that lies in its file now."""
    found = read_alerts(folder.path, read_station(folder.path))
    assert found.problems == ()
    return found.templates[0]


def put(folder: Folder, content: str = COMMENTED) -> tuple[AlertTemplate, str]:
    """Have people write the file; the template in it and its mark."""
    (folder.path / "schedules/alerts").mkdir(exist_ok=True)
    folder.write(FILE, content)
    mark = alert_mark(folder.path, LU)
    assert mark is not None
    return lying(folder), mark


def save(folder: Folder, template: AlertTemplate, seen: str | None) -> str:
    return write_alert(folder.path, read_station(folder.path), template, seen=seen)


def test_a_new_template_is_written_as_people_would_write_it(folder: Folder) -> None:
    mark = save(folder, a_template(), None)
    assert mark == alert_mark(folder.path, LU)
    assert lying(folder) == a_template()
    text = (folder.path / FILE).read_text()
    assert 'gap = "10s"\n' in text
    assert '"""\nNước lên.\nLên chỗ cao.\n"""\n' in text
    assert 'all-clear-recording = "recordings/nhac.mp3"' in text
    assert list((folder.path / "schedules/alerts").iterdir()) == [folder.path / FILE]


def test_saving_what_is_there_changes_not_a_byte(folder: Folder) -> None:
    template, mark = put(folder)
    assert save(folder, template, mark) == mark
    assert (folder.path / FILE).read_text() == COMMENTED


def test_one_changed_word_leaves_every_other_line_as_people_wrote_it(folder: Folder) -> None:
    template, mark = put(folder)
    first, second = template.wordings
    changed = replace(template, wordings=(replace(first, all_clear=spoken("Đã an toàn.")), second))
    save(folder, changed, mark)
    text = (folder.path / FILE).read_text()
    assert text == COMMENTED.replace('all-clear  = "Nước đã rút."', 'all-clear  = "Đã an toàn."')


def test_what_is_added_and_what_is_left_out_leaves_the_comments_of_the_rest(folder: Folder) -> None:
    template, mark = put(folder)
    tay = Wording(
        language="tyz",
        alert=Recorded(path="recordings/nhac.mp3"),
        correction=spoken("…a", "tyz"),
        all_clear=spoken("b", "tyz"),
    )
    changed = replace(
        template, wordings=(template.wordings[0], tay), lasts=timedelta(hours=6), zones=("xa", "thon-ben")
    )
    save(folder, changed, mark)
    assert lying(folder) == changed
    text = (folder.path / FILE).read_text()
    for comment in ("bác Tư sửa", "tên ngắn", "# còi", "# nơi phát", "hỏi bác Tư", "# đã duyệt"):
        assert comment in text
    assert "khách" not in text
    assert "gap" not in text, "what goes without saying is not written"


def test_line_ends_of_another_system_are_no_reason_to_lose_anything(folder: Folder) -> None:
    template, mark = put(folder, "\ufeff" + COMMENTED.replace("\n", "\r\n"))
    save(folder, replace(template, repeats=5), mark)
    assert lying(folder).repeats == 5
    assert "hỏi bác Tư" in (folder.path / FILE).read_text()


@pytest.mark.parametrize("seen", [None, "another file"])
def test_a_file_that_was_changed_underneath_is_not_written_over(folder: Folder, seen: str | None) -> None:
    template, _ = put(folder)
    with pytest.raises(ChangedUnderneath, match=r"lu\.toml was changed"):
        save(folder, template, seen)
    assert (folder.path / FILE).read_text() == COMMENTED


def test_a_file_that_is_gone_is_not_written_as_if_it_were_there(folder: Folder) -> None:
    template, mark = put(folder)
    (folder.path / FILE).unlink()
    with pytest.raises(ChangedUnderneath):
        save(folder, template, mark)


def test_of_two_officials_who_save_at_once_one_is_told(folder: Folder) -> None:
    template, mark = put(folder)
    outcomes: list[str] = []

    def official(name: str) -> None:
        try:
            outcomes.append(save(folder, replace(template, title=name), mark))
        except ChangedUnderneath:
            outcomes.append("told")

    threads = [threading.Thread(target=official, args=(f"Lũ {n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("told") == 5


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"zones": ("thon-x",)}, "there is no zone"),
        ({"signal": "coi-x"}, "there is no chime"),
        ({"lasts": timedelta(days=2)}, "longer than a day"),
        ({"title": "hai\ndòng"}, "line ends"),
    ],
)
def test_what_could_not_be_read_back_is_told_and_not_written(
    folder: Folder, change: dict[str, object], words: str
) -> None:
    with pytest.raises(BadFolder, match=words):
        save(folder, a_template(**change), None)
    assert not (folder.path / FILE).exists()


def test_a_gap_of_half_a_second_is_not_silently_made_none(folder: Folder) -> None:
    with pytest.raises(BadFolder, match="would not be read as it was meant"):
        save(folder, a_template(gap=timedelta(milliseconds=2500)), None)


def test_words_no_voice_can_say_are_told_before_they_are_saved(folder: Folder) -> None:
    station = read_station(folder.path)
    with pytest.raises(BadFolder, match="no voice of this station speaks vi"):
        write_alert(folder.path, station, a_template(), seen=None, speaks=lambda language: language == "en")
    assert not (folder.path / FILE).exists()


def test_a_file_that_is_no_toml_is_written_anew(folder: Folder) -> None:
    (folder.path / "schedules/alerts").mkdir()
    folder.write(FILE, b"title = \xff")
    save(folder, a_template(), alert_mark(folder.path, LU))
    assert lying(folder) == a_template()


SAYABLE = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), include_characters="\n\t\\\"'ắữ"), min_size=1, max_size=60
).filter(lambda words: any(map(str.isalnum, words)))


@given(alert=SAYABLE, correction=SAYABLE, drill=st.none() | SAYABLE, repeats=st.integers(1, 20))
def test_whatever_words_are_saved_they_are_read_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, alert: str, correction: str, drill: str | None, repeats: int
) -> None:
    folder = Folder(tmp_path_factory.mktemp("folder"))
    wording = Wording(
        language="vi",
        alert=spoken(alert.strip()),
        correction=spoken(correction.strip()),
        all_clear=spoken("Hết."),
        drill=None if drill is None else spoken(drill.strip()),
    )
    _, mark = put(folder)
    template = a_template(wordings=(wording,), repeats=repeats)
    save(folder, template, mark)
    assert lying(folder) == template


def test_a_disk_that_takes_nothing_leaves_the_file_as_it_was(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    template, mark = put(folder)

    def full(_: Path, __: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("broadcaster.folder.alertwriting.write_whole", full)
    with pytest.raises(OSError, match="No space"):
        save(folder, replace(template, title="Lũ lớn"), mark)
    assert (folder.path / FILE).read_text() == COMMENTED
