"""What an alert sounds, item by item: the one place that says so, for those who make, lay, raise and show it.

Laws
1. A signal goes before all words, so that people stop and listen; each of its languages says the same then.
2. A drill begins and ends with words that say that it is one, in a language that has a voice, whatever its
   template says (law 3 of `alert`).
3. A zone that speaks a language the template lacks hears the station's, and never nothing.
4. Everything here can be made ahead, and is: see `every_sound` and `general_sounds`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from broadcaster.domain.alert import AlertTemplate, Message, Status, Wording
from broadcaster.domain.places import Station
from broadcaster.domain.programme import Chime, Playable, Recorded, Spoken

__all__ = [
    "ALERT_SIGNAL",
    "ALL_CLEAR_SIGNAL",
    "CORRECTION_SIGNAL",
    "drill_sentences",
    "every_sound",
    "general_sounds",
    "languages_of",
    "plain_words",
    "signal_of",
    "sounds_of",
]

ALERT_SIGNAL = Chime(name="alert")
"""Of what is typed or spoken without a template."""
ALL_CLEAR_SIGNAL = Chime(name="all-clear")
CORRECTION_SIGNAL = Chime(name="notice")

_DRILL: Mapping[str, tuple[str, str]] = {
    "vi": (
        "Diễn tập. Đây là buổi diễn tập, không phải báo động thật. Xin bà con bình tĩnh.",
        "Vừa rồi là buổi diễn tập, không phải báo động thật. Xin cảm ơn bà con đã lắng nghe.",
    ),
    "en": (
        "Drill. This is a drill, not a real alert. Please stay calm.",
        "That was a drill, not a real alert. Thank you for listening.",
    ),
}
"""By language: how a drill begins and how it ends."""

_PLAIN: Mapping[str, Mapping[Message, str]] = {
    "vi": {
        Message.CORRECTION: "Xin đính chính. Thông báo khẩn cấp vừa rồi là phát nhầm. Không có nguy hiểm. "
        "Bà con cứ sinh hoạt bình thường. Thành thật xin lỗi bà con.",
        Message.ALL_CLEAR: "Thông báo an toàn. Tình hình khẩn cấp vừa thông báo đã qua. "
        "Bà con có thể trở lại sinh hoạt bình thường. Xin cảm ơn bà con.",
    },
    "en": {
        Message.CORRECTION: "Correction. The alert you just heard was sent by mistake. There is no danger. "
        "Please carry on as usual. We apologise.",
        Message.ALL_CLEAR: "All clear. The danger we told you of is over. "
        "You may carry on as usual. Thank you.",
    },
}
"""What is said after an alert that was typed or spoken by a person: nobody made words ready for it."""

_SPOKEN_EVERYWHERE = "en"


def languages_of(station: Station, zone: str) -> tuple[str, ...]:
    """The languages a zone is spoken to: its own, or those of the nearest zone above that names some, or the
    station's. Raises UnknownZone."""
    named = (station.zone(each).languages for each in station.lineage(zone))
    return next((languages for languages in named if languages), (station.language,))


def signal_of(template: AlertTemplate | None, message: Message) -> Chime:
    """What sounds before the words. `template` None: of words that were typed, or spoken by a person."""
    match message:
        case Message.CORRECTION:
            return CORRECTION_SIGNAL
        case Message.ALL_CLEAR:
            return ALL_CLEAR_SIGNAL
        case _:
            return ALERT_SIGNAL if template is None else Chime(name=template.signal)


def sounds_of(
    template: AlertTemplate, message: Message, status: Status, languages: Sequence[str], station_language: str
) -> tuple[Playable, ...]:
    """What one round of it is where people speak `languages` (see `languages_of`).

    Nothing for a STOP, and nothing for a TEST, which nobody hears.
    """
    if message is Message.STOP or status is Status.TEST:
        return ()
    signal = signal_of(template, message)
    if status is Status.EXERCISE:
        return _drill(template, message, signal, languages, station_language)
    wordings = _wordings(template, languages, station_language)
    return (signal, *(_said(wording, message) for wording in wordings))


def every_sound(
    template: AlertTemplate, languages: Sequence[str], station_language: str
) -> tuple[Playable, ...]:
    """Each sound it may ever need there, once: for the alert, its correction, its all-clear and its drill."""
    rounds = (
        sounds_of(template, message, status, languages, station_language)
        for status in (Status.ACTUAL, Status.EXERCISE)
        for message in (Message.ALERT, Message.CORRECTION, Message.ALL_CLEAR)
    )
    return tuple(dict.fromkeys(sound for sounds in rounds for sound in sounds))


def general_sounds(station_language: str) -> tuple[Playable, ...]:
    """What an alert without a template needs beside its own words: signals, and what ends it."""
    ends = (Message.CORRECTION, Message.ALL_CLEAR)
    words = (_spoken(plain_words(message, station_language), station_language) for message in ends)
    return (ALERT_SIGNAL, CORRECTION_SIGNAL, ALL_CLEAR_SIGNAL, *words)


def drill_sentences() -> tuple[Spoken, ...]:
    """Every sentence that says that something is a drill: nothing that is meant may have one in it."""
    return tuple(_spoken(words, language) for language, said in _DRILL.items() for words in said)


def plain_words(message: Message, language: str) -> str:
    """The ready-made correction or all-clear of an alert that was typed or spoken, in the nearest language
    there is one in. Raises ValueError for the messages that need words of their own."""
    if message not in (Message.CORRECTION, Message.ALL_CLEAR):
        raise ValueError(f"there are no ready-made words for {message.value}")
    return _PLAIN[_known(language, _PLAIN)][message]


def _wordings(
    template: AlertTemplate, languages: Iterable[str], station_language: str
) -> tuple[Wording, ...]:
    """In the order of the zone's languages; law 3."""
    found = tuple(wording for each in languages if (wording := template.wording(each)) is not None)
    return found or (template.wording(station_language) or template.wordings[0],)


def _drill(
    template: AlertTemplate,
    message: Message,
    signal: Chime,
    languages: Sequence[str],
    station_language: str,
) -> tuple[Playable, ...]:
    wordings = _wordings(template, languages, station_language)
    practised = tuple(wording for wording in wordings if _can_be_drilled(wording))
    spoken = tuple(wording.language for wording in practised if wording.language in _DRILL)
    framed = spoken or (_known(station_language, _DRILL),)
    words = (_practised(wording, message) for wording in practised)
    return (*_framing(framed, 0), signal, *words, *_framing(framed, 1))


def _can_be_drilled(wording: Wording) -> bool:
    """Whether people of that language can be told that it is a drill."""
    return wording.language in _DRILL or wording.drill is not None


def _practised(wording: Wording, message: Message) -> Spoken | Recorded:
    if message is Message.ALERT and wording.drill is not None:
        return _in(wording.drill, wording.language)
    return _said(wording, message)


def _framing(languages: Iterable[str], part: int) -> Iterator[Spoken]:
    return (_spoken(_DRILL[language][part], language) for language in languages)


def _said(wording: Wording, message: Message) -> Spoken | Recorded:
    match message:
        case Message.CORRECTION:
            return _in(wording.correction, wording.language)
        case Message.ALL_CLEAR:
            return _in(wording.all_clear, wording.language)
        case _:
            return _in(wording.alert, wording.language)


def _in(sound: Spoken | Recorded, language: str) -> Spoken | Recorded:
    return sound if isinstance(sound, Recorded) else _spoken(sound.words, language)


def _spoken(words: str, language: str) -> Spoken:
    """Always made the same way, so that what is laid is found again when it is raised."""
    return Spoken(words=words, language=language)


def _known(language: str, table: Mapping[str, object]) -> str:
    """That language, or the one it is a kind of, or the one every station has a voice for."""
    kinds = (language, language.partition("-")[0])
    return next((each for each in kinds if each in table), _SPOKEN_EVERYWHERE)
