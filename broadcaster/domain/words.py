"""What may be said aloud: the one rule for words, whoever writes them and wherever they are kept."""

import unicodedata

__all__ = ["MOST_LETTERS", "checked_words"]

MOST_LETTERS = 50_000
"""Some fifty minutes of speech; more is a wrong paste. What the desk takes as one bulletin is shorter."""

_LAYOUT = "\t\n\r"


def checked_words(words: str) -> str:
    """Give `words` back if they can be said. Raises ValueError with what is wrong and what to do."""
    if len(words) > MOST_LETTERS:
        raise ValueError(
            f"the text has {len(words):,} letters; at most {MOST_LETTERS:,} are spoken: divide it"
        )
    bad = next((letter for letter in words if letter not in _LAYOUT and _is_control(letter)), None)
    if bad is not None:
        raise ValueError(
            f"the text holds the control character U+{ord(bad):04X}, "
            "which comes with pasting from some programs: delete it"
        )
    if not any(letter.isalnum() for letter in words):
        raise ValueError("there is nothing to say: the words are empty")
    return words


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cs")
