"""Numbers that a caller types: the form of each kind, its check, and its value. Knows no menus."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum


class DigitsKind(StrEnum):
    """The kind of number that is typed."""

    AFM = "afm"
    """Tax number: nine digits, the last one a check digit."""
    AMKA = "amka"
    """Social security number: eleven digits, the date of birth (ddmmyy) first, the last one a check digit."""
    DATE = "date"
    """Eight digits, ddmmyyyy; kept as ``2026-12-24``."""
    NUMBER = "number"
    """Any digits, as many as the node says: a ticket number, a protocol number."""


PERSONAL = frozenset({DigitsKind.AFM, DigitsKind.AMKA})
"""Kinds that identify a person."""

LENGTHS = {DigitsKind.AFM: 9, DigitsKind.AMKA: 11, DigitsKind.DATE: 8}
"""Number of digits of the kinds with a fixed length."""


def value_of(kind: DigitsKind, digits: str) -> str | None:
    """Give the value of the digits; None if they are invalid. For ``NUMBER`` the node sets the length."""
    if not (digits.isascii() and digits.isdigit()) or len(digits) != LENGTHS.get(kind, len(digits)):
        return None
    return _READ[kind](digits)


def _afm(digits: str) -> str | None:
    """Check a tax number: the sum of the first eight digits times 256, 128, ..., 2, modulo 11 (10: 0), is the ninth."""
    weighed = sum(int(digit) << (8 - place) for place, digit in enumerate(digits[:8]))
    right = weighed % 11 % 10 == int(digits[8]) and digits.strip("0")
    return digits if right else None


def _amka(digits: str) -> str | None:
    """Check a social security number: a date of some century, and Luhn's check digit over all eleven."""
    born = [_day(digits[:4] + century + digits[4:6]) for century in ("19", "20")]
    return digits if any(born) and _luhn(digits) else None


def _luhn(digits: str) -> bool:
    """Check Luhn's digit (ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _date(digits: str) -> str | None:
    day = _day(digits)
    return day.isoformat() if day is not None and 1900 <= day.year <= 2099 else None


def _day(digits: str) -> date | None:
    try:
        return date(int(digits[4:]), int(digits[2:4]), int(digits[:2]))
    except ValueError:
        return None


def _number(digits: str) -> str | None:
    return digits or None


_READ: dict[DigitsKind, Callable[[str], str | None]] = {
    DigitsKind.AFM: _afm,
    DigitsKind.AMKA: _amka,
    DigitsKind.DATE: _date,
    DigitsKind.NUMBER: _number,
}

NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
GROUPS = {DigitsKind.AFM: (3, 3, 3), DigitsKind.AMKA: (2, 2, 2, 5), DigitsKind.DATE: (2, 2, 4)}
"""Group lengths in which a number is read back, with pauses between; other kinds in threes."""


def groups(kind: DigitsKind, digits: str) -> tuple[str, ...]:
    """Split the digits into the groups in which they are read back."""
    found, at = [], 0
    for length in GROUPS.get(kind, (3,) * len(digits)):
        found.append(digits[at : at + length])
        at += length
    return tuple(group for group in found if group)


def example(kind: DigitsKind, length: int) -> str:
    """Give a valid number of this kind, for trials."""
    stems = {DigitsKind.AFM: "12345678", DigitsKind.AMKA: "0101801234", DigitsKind.DATE: "2412198"}
    stem = stems.get(kind, "1" * (length - 1))
    return next(stem + digit for digit in "0123456789" if value_of(kind, stem + digit) is not None)
