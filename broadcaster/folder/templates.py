"""The content of one file of schedules/alerts/: what is said when it comes to it, where and how."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from broadcaster.domain.alert import AlertTemplate, Hazard, Severity, Wording
from broadcaster.domain.names import AlertId
from broadcaster.domain.programme import Recorded, Spoken
from broadcaster.folder.faults import did_you_mean, quoted
from broadcaster.folder.items import LANGUAGE, Surroundings, sounds_well
from broadcaster.folder.programmes import read_zones
from broadcaster.folder.sections import Section

__all__ = ["SEVERITIES", "SIGNALS", "read_template", "sounds_by_key"]

SEVERITIES: Mapping[str, Severity] = {
    severity.name.lower(): severity for severity in (Severity.MODERATE, Severity.SEVERE, Severity.EXTREME)
}

SIGNALS: Mapping[Hazard, str] = {
    Hazard.FLOOD: "water",
    Hazard.STORM: "wind",
    Hazard.FIRE: "fire",
    Hazard.DAM: "water",
    Hazard.LANDSLIDE: "land",
    Hazard.EPIDEMIC: "health",
    Hazard.OTHER: "alert",
}
"""The chime of a template that names none."""

_MINOR = Severity.MINOR.name.lower()
_MOST_REPEATS = 20
_LONGEST_GAP = timedelta(hours=1)


def read_template(top: Section, id: AlertId, around: Surroundings) -> AlertTemplate | None:
    """The template of a whole file; None when something is wrong, which is noted then."""
    title = top.line("title", required='a title, like title = "Lũ, ngập lụt"')
    hazard = top.choice("hazard", tuple(Hazard), required=f"one of {', '.join(Hazard)}")
    severity = _severity(top)
    signal = top.line("signal") or SIGNALS.get(Hazard(hazard or Hazard.OTHER), "alert")
    sounds_well(top, "signal", signal, around.shelf.chime)
    zones = read_zones(top, around)
    repeats = top.count("repeats", 1, _MOST_REPEATS)
    gap = top.length("gap")
    if gap is not None and gap > _LONGEST_GAP:
        top.wrong("gap", "is longer than an hour", 'expected a length up to "1h"')
    volume = top.decibels("volume")
    lasts = top.length("lasts")
    if lasts == timedelta(0):
        top.wrong("lasts", "lasts no time at all", 'expected how long it is in force, like "2h"')
    second = top.yes_or_no("second-person")
    wordings = _wordings(top, around)
    top.leftovers()
    if top.faulty or title is None or hazard is None or severity is None or not zones:
        return None
    try:
        plain = AlertTemplate(
            id=id,
            title=title,
            hazard=Hazard(hazard),
            severity=severity,
            signal=signal,
            zones=zones,
            wordings=wordings,
        )
        return replace(
            plain,
            repeats=plain.repeats if repeats is None else repeats,
            gap=plain.gap if gap is None else gap,
            volume=plain.volume if volume is None else volume,
            lasts=plain.lasts if lasts is None else lasts,
            second_person=plain.second_person if second is None else second,
        )
    except ValueError as error:  # a rule of the domain that no line above tells better
        top.wrong("", str(error), "")
        return None


def sounds_by_key(wording: Wording) -> dict[str, Spoken | Recorded]:
    """What a [[text]] says, by the key of its words."""
    sounds = {
        "alert": wording.alert,
        "correction": wording.correction,
        "all-clear": wording.all_clear,
        "drill": wording.drill,
    }
    return {key: sound for key, sound in sounds.items() if sound is not None}


def _severity(top: Section) -> Severity | None:
    expected = f"one of {', '.join(SEVERITIES)}"
    word = top.line("severity", required=expected)
    if word == _MINOR:
        top.wrong("severity", "minor is kept for drills", f"expected {expected}")
    elif word is not None and word not in SEVERITIES:
        top.wrong("severity", f"there is no {quoted(word)}", did_you_mean(word, SEVERITIES))
    return SEVERITIES.get(word or "")


def _wordings(top: Section, around: Surroundings) -> tuple[Wording, ...]:
    wordings: list[Wording] = []
    written: set[str] = set()
    for section in top.tables("text", required='at least one [[text]] with language = "vi" and its words'):
        language = section.line("language", required='a language, like language = "vi"')
        if language is not None and LANGUAGE.fullmatch(language) is None:
            section.wrong(
                "language", f"{quoted(language)} is not a language", "expected a tag like vi or hmn"
            )
        if language in written:
            section.wrong("language", f"{language} has its words above", "once for each language")
        written.add(language or "")
        wording = _wording(section, language or "", around)
        if wording is not None:
            wordings.append(wording)
    return tuple(wordings)


def _wording(section: Section, language: str, around: Surroundings) -> Wording | None:
    alert = _sound(section, "alert", language, around, "what is said: who, where, what to do now")
    correction = _sound(section, "correction", language, around, "what is said when it was a mistake")
    all_clear = _sound(section, "all-clear", language, around, "what is said when it is over")
    drill = _sound(section, "drill", language, around)
    section.leftovers()
    if alert is None or correction is None or all_clear is None:
        return None
    return Wording(language=language, alert=alert, correction=correction, all_clear=all_clear, drill=drill)


def _sound(
    section: Section, key: str, language: str, around: Surroundings, required: str = ""
) -> Spoken | Recorded | None:
    """Words at `key`, or a recording at `key`-recording; not both."""
    by_person = f"{key}-recording"
    path, words = section.line(by_person), section.text(key)
    if by_person in section and key in section:
        section.wrong(by_person, f"stands beside {key}", "the words, or a recording of them")
        return None
    if path is not None:
        return Recorded(path=path) if sounds_well(section, by_person, path, around.shelf.recording) else None
    if words is None:
        if required and key not in section and by_person not in section:
            section.wrong(key, "is missing", f"expected {required}")
        return None
    try:
        return Spoken(words=words.strip(), language=language or None)
    except ValueError as error:
        section.wrong(key, str(error), "")
        return None
