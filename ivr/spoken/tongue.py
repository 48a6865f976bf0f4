"""The interface of a language's words, and the parts that are the same in all languages.

Raises ``ValueError`` for what has no words: numbers below 0 or above ``GREATEST``, text that is no digits.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import date, time
from enum import StrEnum

GREATEST = 999_999
GREATEST_ORDINAL = 999

DIGIT_GROUPS: Mapping[int, tuple[int, ...]] = {
    9: (3, 3, 3),  # AFM
    10: (3, 3, 4),  # a telephone number in national form: 210 624 1888, 697 123 4567
    11: (2, 2, 2, 3, 2),  # AMKA: a birthday in pairs, then five digits
}
"""Group lengths in which digits are read, by length; other lengths in threes, without a single digit at the end."""


class Gender(StrEnum):
    """Grammatical gender of a number or of what it counts. A language without genders ignores it."""

    MASCULINE = "m"
    FEMININE = "f"
    NEUTER = "n"


class Noun(StrEnum):
    """What the line counts aloud."""

    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    CALLS = "calls"


_PARTS = ((Noun.DAYS, 86_400), (Noun.HOURS, 3_600), (Noun.MINUTES, 60), (Noun.SECONDS, 1))


class Tongue(ABC):
    """A language's words. One object for a language, without state."""

    conjunction: str

    @abstractmethod
    def cardinal(self, number: int, gender: Gender = Gender.NEUTER) -> str:
        """Say one, two, three: 0 to ``GREATEST``."""

    @abstractmethod
    def ordinal(self, number: int, gender: Gender = Gender.NEUTER) -> str:
        """Say first, second, third: 1 to ``GREATEST_ORDINAL``."""

    @abstractmethod
    def counted(self, number: int, noun: Noun) -> str:
        """Say a number with its noun, in agreement with each other."""

    @abstractmethod
    def at(self, moment: time) -> str:
        """Say a time of the day with its preposition; seconds are not said."""

    @abstractmethod
    def on(self, day: date, year: bool = False) -> str:
        """Say a date with its preposition; with ``year``, the year too."""

    def duration(self, seconds: int) -> str:
        """Say a duration in days, hours, minutes and seconds; parts that are zero are left out."""
        parts: list[str] = []
        rest = within(seconds, 0, GREATEST * 86_400)
        for noun, size in _PARTS:
            count, rest = divmod(rest, size)
            if count:
                parts.append(self.counted(count, noun))
        return self.listed(parts) if parts else self.counted(0, Noun.SECONDS)

    def listed(self, parts: Sequence[str]) -> str:
        """Join parts with commas, and the last one with "and"."""
        return f" {self.conjunction} ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))

    def digits(self, number: str) -> str:
        """Say a number digit by digit, with a comma (a short pause) after each group."""
        if not (number.isascii() and number.isdigit()):
            raise ValueError(f"digits only, not {number!r}")
        said = [" ".join(self.cardinal(int(digit)) for digit in group) for group in _groups(number)]
        return ", ".join(said)


def within(number: int, least: int, most: int) -> int:
    """Return the number. Raises ``ValueError`` if there are no words for it."""
    if not least <= number <= most:
        raise ValueError(f"{number} is not between {least} and {most}")
    return number


def words(text: str) -> tuple[str, ...]:
    """Make a table of words by number from a text; a dash means no word."""
    return tuple(text.split())


def _groups(number: str) -> list[str]:
    lengths = DIGIT_GROUPS.get(len(number)) or _threes(len(number))
    starts = [sum(lengths[:index]) for index in range(len(lengths))]
    return [number[start : start + length] for start, length in zip(starts, lengths, strict=True)]


def _threes(length: int) -> tuple[int, ...]:
    """Split into threes, but the last four into 2 + 2: a single digit after a pause would surprise."""
    whole, rest = divmod(length, 3)
    if rest == 1 and whole:
        return (*[3] * (whole - 1), 2, 2)
    return (*[3] * whole, *([rest] if rest else []))
