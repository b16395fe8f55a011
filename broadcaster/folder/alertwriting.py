"""A template saved by the panel, into the file that people may have written and commented.

Laws
1. Only what differs is written: comments, order and spacing of the rest stay as they are.
2. What changed since it was shown is not written over: the person is told, and looks at it again.
3. What could not be read back as what was meant is not written.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from broadcaster.domain.alert import AlertTemplate, Wording
from broadcaster.domain.places import Station
from broadcaster.domain.programme import Recorded, Spoken
from broadcaster.files import held, make_folder, write_whole
from broadcaster.folder.alertchecking import unspoken
from broadcaster.folder.alerts import ALERTS, alert_file, read_alert
from broadcaster.folder.documents import Values, rewritten
from broadcaster.folder.faults import BadFolder, Fault
from broadcaster.folder.listing import whole_file
from broadcaster.folder.templates import sounds_by_key

__all__ = ["ChangedUnderneath", "Unspoken", "write_alert"]


class ChangedUnderneath(Exception):
    """The file is not the one that was shown. The text says what to do."""

    def __init__(self, file: str) -> None:
        super().__init__(f"{file} was changed by somebody else meanwhile: look at it again, then save")
        self.file = file


class Unspoken(BadFolder):
    """All that is wrong with the template is that no voice of the station can say some of its words."""


def write_alert(
    folder: Path,
    station: Station,
    template: AlertTemplate,
    *,
    seen: str | None,
    speaks: Callable[[str], bool] | None = None,
) -> str:
    """Save the template as schedules/alerts/ID.toml; gives its new mark (`alert_mark`).

    `seen` is the mark of the file the template was made from, None for a template that is new. `speaks` says
    whether the station has a voice for a language. Raises ChangedUnderneath; BadFolder with everything that
    is wrong with the template (the lines are those the file would have), Unspoken if the rest of it is right;
    OSError.
    """
    file = alert_file(template.id)
    make_folder(folder / ALERTS)
    with held(folder / ALERTS):
        content = _content(folder / file)
        if (None if content is None else hashlib.sha256(content).hexdigest()) != seen:
            raise ChangedUnderneath(file)
        fresh = _text(folder, station, file, content or b"", template)
        if faults := _faults(folder, station, file, fresh, template):
            raise BadFolder(faults)
        if mute := tuple(unspoken(file, fresh, template, speaks)):
            raise Unspoken(mute)
        write_whole(folder / file, fresh.encode())
    return hashlib.sha256(fresh.encode()).hexdigest()


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _text(folder: Path, station: Station, file: str, content: bytes, template: AlertTemplate) -> str:
    """The content the file is to have; a file in no known letters is written anew."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = ""
    before = read_alert(folder, station, file, text)
    said = _values(before) if isinstance(before, AlertTemplate) else {}
    return rewritten(text, said, _values(template))


def _faults(
    folder: Path, station: Station, file: str, text: str, template: AlertTemplate
) -> tuple[Fault, ...]:
    read = read_alert(folder, station, file, text)
    if not isinstance(read, AlertTemplate):
        return read
    if (_values(read), read.gap, read.lasts) != (_values(template), template.gap, template.lasts):
        return (whole_file(file, "would not be read as it was meant", "leave out unusual characters"),)
    return ()


def _values(template: AlertTemplate) -> Values:
    """What the file says of it, in the order people read it."""
    volume = template.volume
    return {
        "title": template.title,
        "hazard": template.hazard.value,
        "severity": template.severity.name.lower(),
        "signal": template.signal,
        "zones": list(template.zones),
        "repeats": template.repeats,
        "gap": _length(template.gap),
        "volume": int(volume) if volume == int(volume) else volume,
        "lasts": _length(template.lasts),
        "second-person": template.second_person,
        "text": [_wording(wording) for wording in template.wordings],
    }


def _wording(wording: Wording) -> dict[str, object]:
    values: dict[str, object] = {"language": wording.language}
    for key, sound in sounds_by_key(wording).items():
        match sound:
            case Spoken(words=words):
                values[key] = words.strip()
            case Recorded(path=path):
                values[f"{key}-recording"] = path
    return values


def _length(length: timedelta) -> str:
    """As people write it: 1h30m, 10s."""
    seconds = round(length.total_seconds())
    parts = ((seconds // 3600, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"
