"""British English: one hundred and one, on the third of March. Genders make no difference."""

from __future__ import annotations

from datetime import date, time

from .tongue import GREATEST, GREATEST_ORDINAL, Gender, Noun, Tongue, within, words

_UNITS = words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = words("- - twenty thirty forty fifty sixty seventy eighty ninety")
_ODD = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
"""Ordinals that are not the cardinal and ``th``."""

_MONTHS = words("January February March April May June July August September October November December")
_PARTS_OF_DAY = ((12, "in the morning"), (18, "in the afternoon"), (21, "in the evening"), (24, "at night"))


class English(Tongue):
    """The words of English."""

    conjunction = "and"

    def cardinal(self, number: int, gender: Gender = Gender.NEUTER) -> str:
        thousands, rest = divmod(within(number, 0, GREATEST), 1000)
        if not thousands:
            return _below_thousand(rest)
        said = f"{_below_thousand(thousands)} thousand"
        if not rest:
            return said
        return f"{said} and {_below_thousand(rest)}" if rest < 100 else f"{said} {_below_thousand(rest)}"

    def ordinal(self, number: int, gender: Gender = Gender.NEUTER) -> str:
        said = _below_thousand(within(number, 1, GREATEST_ORDINAL))
        start = max(said.rfind(" "), said.rfind("-")) + 1
        return said[:start] + _th(said[start:])

    def counted(self, number: int, noun: Noun) -> str:
        return f"{self.cardinal(number)} {noun.value[:-1] if number == 1 else noun.value}"

    def at(self, moment: time) -> str:
        """Say the time in twelve hours with the part of the day; o'clock only on the full hour."""
        if moment.minute == 0 and moment.hour in (0, 12):
            return "at midnight" if moment.hour == 0 else "at noon"
        hour = self.cardinal((moment.hour - 1) % 12 + 1)
        oh = "oh " if moment.minute < 10 else ""
        clock = f"{hour} {oh}{self.cardinal(moment.minute)}" if moment.minute else f"{hour} o'clock"
        return f"at {clock} {_part_of_day(moment.hour)}"

    def on(self, day: date, year: bool = False) -> str:
        of = f" {self.cardinal(day.year)}" if year else ""
        return f"on the {self.ordinal(day.day)} of {_MONTHS[day.month - 1]}{of}"


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _below_hundred(rest)
    said = f"{_UNITS[hundreds]} hundred"
    return f"{said} and {_below_hundred(rest)}" if rest else said


def _below_hundred(number: int) -> str:
    if number < len(_UNITS):
        return _UNITS[number]
    tens, units = divmod(number, 10)
    return f"{_TENS[tens]}-{_UNITS[units]}" if units else _TENS[tens]


def _th(word: str) -> str:
    return _ODD.get(word) or (f"{word[:-1]}ieth" if word.endswith("y") else f"{word}th")


def _part_of_day(hour: int) -> str:
    return next(said for end, said in _PARTS_OF_DAY if hour < end)
