"""Check digits and dates against numbers worked out by hand, and every single mistake in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.digits import LENGTHS, DigitsKind, example, groups, value_of

RIGHT = [
    (DigitsKind.AFM, "123456783", "123456783"),
    (DigitsKind.AFM, "090000045", "090000045"),
    (DigitsKind.AMKA, "01018012342", "01018012342"),
    (DigitsKind.DATE, "24122026", "2026-12-24"),
    (DigitsKind.DATE, "29022024", "2024-02-29"),
    (DigitsKind.NUMBER, "0", "0"),
    (DigitsKind.NUMBER, "123456789012", "123456789012"),
]
WRONG = [
    (DigitsKind.AFM, "123456784"),
    (DigitsKind.AFM, "000000000"),
    (DigitsKind.AFM, "12345678"),
    (DigitsKind.AFM, "12345678a"),
    (DigitsKind.AFM, "١٢٣٤٥٦٧٨٣"),
    (DigitsKind.AMKA, "32018012341"),
    (DigitsKind.AMKA, "01138012342"),
    (DigitsKind.AMKA, "0101801234"),
    (DigitsKind.DATE, "29022026"),
    (DigitsKind.DATE, "31042026"),
    (DigitsKind.DATE, "01011899"),
    (DigitsKind.DATE, "00000000"),
    (DigitsKind.NUMBER, ""),
]


@pytest.mark.parametrize(("kind", "digits", "value"), RIGHT)
def test_right(kind: DigitsKind, digits: str, value: str) -> None:
    assert value_of(kind, digits) == value


@pytest.mark.parametrize(("kind", "digits"), WRONG)
def test_wrong(kind: DigitsKind, digits: str) -> None:
    assert value_of(kind, digits) is None


def test_the_29th_of_february_of_a_leap_year_was_a_birthday() -> None:
    found = [digit for digit in "0123456789" if value_of(DigitsKind.AMKA, "2902001234" + digit)]
    assert len(found) == 1
    assert not any(value_of(DigitsKind.AMKA, "2902011234" + digit) for digit in "0123456789")


@pytest.mark.parametrize("kind", [DigitsKind.AMKA])
@given(place=st.integers(0, 10), by=st.integers(1, 9))
def test_one_wrong_digit_of_an_amka_is_found(kind: DigitsKind, place: int, by: int) -> None:
    digits = example(kind, LENGTHS[kind])
    wrong = digits[:place] + str((int(digits[place]) + by) % 10) + digits[place + 1 :]
    assert value_of(kind, wrong) is None


@pytest.mark.parametrize(("kind", "length"), [(kind, LENGTHS.get(kind, 4)) for kind in DigitsKind])
def test_examples_are_right(kind: DigitsKind, length: int) -> None:
    digits = example(kind, length)
    assert len(digits) == length and value_of(kind, digits)


@pytest.mark.parametrize(
    ("kind", "digits", "read"),
    [
        (DigitsKind.AFM, "123456783", ("123", "456", "783")),
        (DigitsKind.AMKA, "01018012342", ("01", "01", "80", "12342")),
        (DigitsKind.DATE, "24122026", ("24", "12", "2026")),
        (DigitsKind.NUMBER, "1234", ("123", "4")),
        (DigitsKind.NUMBER, "1", ("1",)),
    ],
)
def test_groups(kind: DigitsKind, digits: str, read: tuple[str, ...]) -> None:
    assert groups(kind, digits) == read
