"""Places for numbers in a text, such as ``{n:minutes}``: the forms there are, and filling them with words.

A form's name is written after the colon; without a name it is the plain number, as after "position".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial

from .tongue import Gender, Noun, Tongue
from .tongues import tongue

Form = Callable[[Tongue, int], str]


def _cardinal(gender: Gender, words: Tongue, number: int) -> str:
    return words.cardinal(number, gender)


def _ordinal(gender: Gender, words: Tongue, number: int) -> str:
    return words.ordinal(number, gender)


def _counted(noun: Noun, words: Tongue, number: int) -> str:
    return words.counted(number, noun)


def _hours_and_minutes(words: Tongue, minutes: int) -> str:
    return words.duration(minutes * 60)


PLAIN = ""
FORMS: Mapping[str, Form] = {
    PLAIN: partial(_cardinal, Gender.NEUTER),
    **{gender.value: partial(_cardinal, gender) for gender in (Gender.MASCULINE, Gender.FEMININE)},
    **{f"nth.{gender}": partial(_ordinal, gender) for gender in Gender},
    **{noun.value: partial(_counted, noun) for noun in Noun},
    "duration": _hours_and_minutes,
}

_PLACE = re.compile(r"\{([^{}]*)\}")


def written(form: str) -> str:
    """Give a form as it is written in a text."""
    return f"{{n:{form}}}" if form else "{n}"


_BY_PLACE = {written(form): form for form in FORMS}
PLACES = tuple(_BY_PLACE)
"""All places in braces that a text may have."""


def places(text: str) -> list[str]:
    """List the places in braces, braces included, known or not."""
    return [match.group() for match in _PLACE.finditer(text)]


def needs_words(text: str) -> bool:
    """Tell whether the text needs a language whose numbers have words here."""
    return any(place != written(PLAIN) for place in places(text))


def fill(text: str, number: int, language: str) -> str:
    """Put the number into the text in words; in digits if the language has no words here (see ``needs_words``).

    Raises ``KeyError`` for a place that is not in ``PLACES``, or that needs words.
    """
    words = tongue(language)
    if words is None:
        digits = {written(PLAIN): str(number)}
        return _PLACE.sub(lambda place: digits[place.group()], text)
    return _PLACE.sub(lambda place: FORMS[_BY_PLACE[place.group()]](words, number), text)
