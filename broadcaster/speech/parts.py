"""Long words cut where a reader draws breath.

Laws: no part is longer than the limit; every letter and digit is in exactly one part, in order; every part
has something to be said in it; words within the limit are one part.
"""

import re
import unicodedata

from broadcaster.speech import LONGEST

__all__ = ["parts"]

# In the order in which they are wanted: the end of a sentence, of a clause, of a word.
_BREATHS = (
    re.compile(r"[.!?…。！？។]+[\"'”’»)]*\s+"),
    re.compile(r"[,;:–—，；：]+\s+"),
    re.compile(r"\s+"),
)


def parts(words: str, limit: int = LONGEST) -> tuple[str, ...]:
    """`words` as lines of at most `limit` characters; none at all if there is no letter or digit in them."""
    found = []
    rest = " ".join(words.split())
    while rest:
        end = _breath(rest, limit) if len(rest) > limit else len(rest)
        found.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return tuple(part for part in found if any(map(str.isalnum, part)))


def _breath(words: str, limit: int) -> int:
    """Where to cut: the last good place before the limit, but not so early that parts become crumbs."""
    window = words[: limit + 1]  # the blank after a part does not count
    for mark in _BREATHS:
        end = max((found.end() for found in mark.finditer(window) if found.start() < limit), default=0)
        if len(window[:end].rstrip()) > limit // 3:
            return end
    return end or _between_letters(words, limit)


def _between_letters(words: str, limit: int) -> int:
    """Scripts without blanks are cut between letters, never between a letter and its marks."""
    end = limit
    while end and unicodedata.category(words[end]).startswith("M"):
        end -= 1
    return end or limit
