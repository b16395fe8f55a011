"""What is wrong with templates beside their own files: told by `check`, and no reason to leave them out.

A template that lacks a language or a signal still says the rest; it is for people to know before the water
comes.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from broadcaster.domain.alert import AlertTemplate, Message
from broadcaster.domain.alertsounds import languages_of, signal_of
from broadcaster.domain.places import Station
from broadcaster.domain.programme import Recorded
from broadcaster.folder.alerts import ALERTS, AlertReading
from broadcaster.folder.audio import BadAudio, Shelf
from broadcaster.folder.documents import Document
from broadcaster.folder.faults import Fault
from broadcaster.folder.lines import KeyPath, find_lines
from broadcaster.folder.listing import whole_file
from broadcaster.folder.templates import sounds_by_key

__all__ = ["beside", "unspoken"]


def beside(
    folder: Path,
    station: Station,
    readings: Iterable[AlertReading],
    speaks: Callable[[str], bool] | None,
) -> Iterator[Fault]:
    """What is wrong with the good templates of `readings` all the same. `speaks` says whether the station has
    a voice for a language; None when nobody knows."""
    good = [(each.template, each.document) for each in readings if each.template and each.document]
    for template, document in good:
        yield from _unspoken(document.file, document.lines.nearest, template, speaks)
        yield from _unheard(station, template, document)
    if good:
        yield from _signals(folder)


def unspoken(
    file: str, text: str, template: AlertTemplate, speaks: Callable[[str], bool] | None
) -> Iterator[Fault]:
    """The words of `template`, which is `text`, that no voice can say."""
    yield from _unspoken(file, find_lines(text).nearest, template, speaks)


def _unspoken(
    file: str,
    nearest: Callable[[KeyPath], int],
    template: AlertTemplate,
    speaks: Callable[[str], bool] | None,
) -> Iterator[Fault]:
    for position, wording in enumerate(template.wordings):
        if speaks is None or speaks(wording.language):
            continue
        for key, sound in sounds_by_key(wording).items():
            if not isinstance(sound, Recorded):
                yield Fault(
                    file=file,
                    line=nearest(("text", position, key)),
                    key=f"text {position + 1}: {key}",
                    wrong=f"no voice of this station speaks {wording.language}",
                    expected=f'expected a recording, like {key}-recording = "recordings/{template.id}.opus"',
                )


def _unheard(station: Station, template: AlertTemplate, document: Document) -> Iterator[Fault]:
    """The languages of zones that it has no words in."""
    spoken = {wording.language for wording in template.wordings}
    lacking: dict[str, list[str]] = {}
    for zone in sorted(station.reach(template.zones)):
        for language in languages_of(station, zone):
            if language not in spoken:
                lacking.setdefault(language, []).append(zone)
    heard = station.language if station.language in spoken else template.wordings[0].language
    for language, zones in lacking.items():
        yield Fault(
            file=document.file,
            line=document.lines.nearest(("text",)),
            key="text",
            wrong=f"there are no words in {language}, spoken in {', '.join(zones)}: they hear {heard}",
            expected=f'expected a [[text]] with language = "{language}"',
        )


def _signals(folder: Path) -> Iterator[Fault]:
    """The signals every template needs, whatever it names."""
    shelf = Shelf(folder)
    for message in (Message.ALERT, Message.CORRECTION, Message.ALL_CLEAR):
        try:
            shelf.chime(signal_of(None, message).name)
        except BadAudio as bad:
            yield whole_file(ALERTS, f"{bad.wrong}, which alerts need", bad.expected)
