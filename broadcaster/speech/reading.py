"""How what was typed is said.

What a person pastes into the panel is made into plain words: characters that are not said go out, what is
written short is said at length (for Vietnamese, the table in vietnamese.py), each line that is a thought of
its own ends with a full stop, so that the voice pauses there.

Laws: the result holds no control, markup or emoji, and something to be said; reading it again changes
nothing; no letter outside markup is lost.
"""

import html
import re
import unicodedata

from broadcaster.domain.words import MOST_LETTERS
from broadcaster.speech import sayable
from broadcaster.speech.vietnamese import as_said

__all__ = ["NothingToSay", "TooLong", "Unreadable", "reading"]

_LINE_END = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_STYLED = re.compile(
    "[\uff01-\uff5e\U0001d400-\U0001d7ff²³℃℉№]"
)  # letters in costume, as people use on the net
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});")
_MARKUP = re.compile(r"</?[A-Za-z][A-Za-z0-9:-]*(?:[\s/][^<>]*)?>|<[?!][^<>]*>")
_JOINER = re.compile(r"(?<!\w)[\u200c\u200d]+|[\u200c\u200d]+(?!\w)")
_APOSTROPHE = re.compile(r"(?<=\w)[‘’ʼ](?=\w)")
_BULLET = re.compile(r"^[ \t]*[-–—+*•·●○▪■□♦✓✔➢➤→>]+[ \t]+", re.MULTILINE)
_DASH = re.compile(r" [-–—]+ ")
_UNSAID = re.compile(r"[\[\]<>{}|\\^`~_*#\"“”„«»‘‚\u20e3\ufe00-\ufe0f]|(?<!\w)['’]|['’](?!\w)")
_AGAIN = re.compile(r"([.,;:!?…])(?:\s*\1)+")
_BEFORE_MARK = re.compile(r" (?=[.,;:!?…)])")
_WRAPPED = re.compile(r"(?<=[^\W\d_]|,)[ ]*\n[ ]*(?=[^\W\d_])")
_ROUNDS = 5  # two are enough for what people type
_SYMBOLS = ("So", "Sk")  # emoji and their colours; ° and its kind were said before


class Unreadable(ValueError):
    """Text that cannot be made into words to be said. The message says what to do about it."""


class NothingToSay(Unreadable):
    """Nothing is left to be said once markup, emoji and control characters are gone."""


class TooLong(Unreadable):
    """More letters than are spoken at once (`words.MOST_LETTERS`)."""


def reading(text: str, language: str = "vi") -> str:
    """The words to be said for `text`: one line a paragraph. Raises NothingToSay, TooLong."""
    if len(text) > MOST_LETTERS:
        raise TooLong(f"the text has {len(text):,} letters; at most {MOST_LETTERS:,} are spoken: divide it")
    vietnamese = language.lower().split("-")[0] == "vi"
    words = _round(text, vietnamese)
    for _ in range(_ROUNDS):  # what went out may have left something new to be read: "17#h" is 17h now
        before, words = words, _round(words, vietnamese)
        if words == before:
            break
    if not any(map(str.isalnum, words)):
        raise NothingToSay("there is nothing to say: the text has no letter and no figure")
    return words


def _round(text: str, vietnamese: bool) -> str:
    text = _plain(text)
    if vietnamese:
        text = as_said(text)
    return "\n".join(filter(None, map(_sentence, text.split("\n"))))


def _plain(text: str) -> str:
    """Without markup, invisible characters, costumes and bullets; lines that were only wrapped are one."""
    text = _LINE_END.sub("\n", text)
    text = _STYLED.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    text = _MARKUP.sub(" ", text)
    text = "".join(filter(None, map(_visible, text)))
    text = unicodedata.normalize("NFC", _JOINER.sub("", text))
    text = _APOSTROPHE.sub("'", text)
    text = _BULLET.sub("", text)
    text = _WRAPPED.sub(_unwrapped, text)
    return "\n".join(" ".join(line.split()) for line in text.split("\n"))


def _visible(character: str) -> str:
    if character == "\n" or sayable(character):
        return character
    return " " if unicodedata.category(character) == "Cc" else ""


def _unwrapped(match: "re.Match[str]") -> str:
    """A line that goes on with a small letter is the same sentence."""
    return " " if match.string[match.end()].islower() else "\n"


def _sentence(line: str) -> str:
    """One paragraph, ended; empty if nothing in it is said."""
    line = "".join(" " if unicodedata.category(sign) in _SYMBOLS else sign for sign in line)
    line = " ".join(_UNSAID.sub(" ", line).split())
    line = _BEFORE_MARK.sub("", _DASH.sub(", ", line))
    line = _AGAIN.sub(r"\1", line)
    if not any(map(str.isalnum, line)):
        return ""
    return f"{line}." if line[-1].isalnum() or line[-1] in ")%" else line
