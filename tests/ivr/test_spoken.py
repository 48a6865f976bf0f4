"""Spoken numbers as text: tables of what is right, and what must hold for every number."""

from __future__ import annotations

from datetime import date, time
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.spoken import GREATEST, GREATEST_ORDINAL, PLACES, TONGUES, Gender, Noun, Tongue, fill, tongue

EL, EN = TONGUES["el"], TONGUES["en"]
M, F, N = Gender

GREEK_CARDINALS = [
    (0, N, "μηδέν"), (1, N, "ένα"), (1, M, "ένας"), (1, F, "μία"), (2, M, "δύο"), (2, F, "δύο"), (3, N, "τρία"),
    (3, M, "τρεις"), (3, F, "τρεις"), (4, N, "τέσσερα"), (4, F, "τέσσερις"), (7, N, "επτά"), (8, F, "οκτώ"),
    (11, N, "έντεκα"), (12, F, "δώδεκα"), (13, N, "δεκατρία"), (13, F, "δεκατρείς"), (14, M, "δεκατέσσερις"),
    (14, N, "δεκατέσσερα"), (16, N, "δεκαέξι"), (19, N, "δεκαεννέα"), (20, F, "είκοσι"), (21, N, "είκοσι ένα"),
    (21, F, "είκοσι μία"), (21, M, "είκοσι ένας"), (33, F, "τριάντα τρεις"), (44, N, "σαράντα τέσσερα"),
    (58, N, "πενήντα οκτώ"), (69, N, "εξήντα εννέα"), (70, N, "εβδομήντα"), (86, N, "ογδόντα έξι"),
    (99, N, "ενενήντα εννέα"), (100, N, "εκατό"), (100, F, "εκατό"), (101, F, "εκατόν μία"),
    (113, M, "εκατόν δεκατρείς"), (200, N, "διακόσια"), (200, F, "διακόσιες"), (200, M, "διακόσιοι"),
    (304, F, "τριακόσιες τέσσερις"), (555, N, "πεντακόσια πενήντα πέντε"), (900, M, "εννιακόσιοι"),
    (1000, N, "χίλια"), (1000, F, "χίλιες"), (1001, M, "χίλιοι ένας"), (1555, N, "χίλια πεντακόσια πενήντα πέντε"),
    (2000, N, "δύο χιλιάδες"), (3004, N, "τρεις χιλιάδες τέσσερα"), (13_000, M, "δεκατρείς χιλιάδες"),
    (21_221, F, "είκοσι μία χιλιάδες διακόσιες είκοσι μία"), (100_000, N, "εκατό χιλιάδες"),
    (101_001, N, "εκατόν μία χιλιάδες ένα"), (204_300, N, "διακόσιες τέσσερις χιλιάδες τριακόσια"),
    (999_999, N, "εννιακόσιες ενενήντα εννέα χιλιάδες εννιακόσια ενενήντα εννέα"),
]  # fmt: skip
GREEK_ORDINALS = [
    (1, F, "πρώτη"), (1, M, "πρώτος"), (1, N, "πρώτο"), (2, F, "δεύτερη"), (3, M, "τρίτος"), (4, F, "τέταρτη"),
    (7, N, "έβδομο"), (8, F, "όγδοη"), (9, M, "ένατος"), (10, F, "δέκατη"), (11, F, "ενδέκατη"), (12, N, "δωδέκατο"),
    (13, F, "δέκατη τρίτη"), (19, M, "δέκατος ένατος"), (20, F, "εικοστή"), (21, F, "εικοστή πρώτη"),
    (32, M, "τριακοστός δεύτερος"), (48, F, "τεσσαρακοστή όγδοη"), (50, N, "πεντηκοστό"), (99, N, "ενενηκοστό ένατο"),
    (100, F, "εκατοστή"), (111, M, "εκατοστός ενδέκατος"), (200, N, "διακοσιοστό"),
    (345, F, "τριακοσιοστή τεσσαρακοστή πέμπτη"),
]  # fmt: skip
GREEK_COUNTED = [
    (0, Noun.MINUTES, "μηδέν λεπτά"), (1, Noun.MINUTES, "ένα λεπτό"), (2, Noun.MINUTES, "δύο λεπτά"),
    (3, Noun.MINUTES, "τρία λεπτά"), (4, Noun.MINUTES, "τέσσερα λεπτά"), (13, Noun.MINUTES, "δεκατρία λεπτά"),
    (21, Noun.MINUTES, "είκοσι ένα λεπτά"), (30, Noun.MINUTES, "τριάντα λεπτά"), (1, Noun.HOURS, "μία ώρα"),
    (3, Noun.HOURS, "τρεις ώρες"), (24, Noun.HOURS, "είκοσι τέσσερις ώρες"), (1, Noun.CALLS, "μία κλήση"),
    (3, Noun.CALLS, "τρεις κλήσεις"), (4, Noun.CALLS, "τέσσερις κλήσεις"), (21, Noun.CALLS, "είκοσι μία κλήσεις"),
    (200, Noun.CALLS, "διακόσιες κλήσεις"), (1, Noun.SECONDS, "ένα δευτερόλεπτο"),
    (44, Noun.SECONDS, "σαράντα τέσσερα δευτερόλεπτα"), (1, Noun.DAYS, "μία ημέρα"),
    (14, Noun.DAYS, "δεκατέσσερις ημέρες"),
]  # fmt: skip
GREEK_DURATIONS = [
    (0, "μηδέν δευτερόλεπτα"), (60, "ένα λεπτό"), (61, "ένα λεπτό και ένα δευτερόλεπτο"), (3600, "μία ώρα"),
    (7260, "δύο ώρες και ένα λεπτό"), (4 * 3600 + 21 * 60, "τέσσερις ώρες και είκοσι ένα λεπτά"),
    (86_400 + 3 * 3600 + 13 * 60, "μία ημέρα, τρεις ώρες και δεκατρία λεπτά"),
]  # fmt: skip
GREEK_TIMES = [
    (0, 0, "στις δώδεκα τα μεσάνυχτα"), (0, 30, "στις δώδεκα και μισή μετά τα μεσάνυχτα"),
    (1, 5, "στη μία και πέντε μετά τα μεσάνυχτα"),
    (7, 0, "στις επτά το πρωί"), (8, 15, "στις οκτώ και τέταρτο το πρωί"),
    (11, 45, "στις έντεκα και σαράντα πέντε το πρωί"),
    (12, 0, "στις δώδεκα το μεσημέρι"), (13, 0, "στη μία το μεσημέρι"), (14, 21, "στις δύο και είκοσι ένα το μεσημέρι"),
    (15, 0, "στις τρεις το απόγευμα"), (16, 1, "στις τέσσερις και ένα το απόγευμα"),
    (17, 30, "στις πέντε και μισή το απόγευμα"), (20, 0, "στις οκτώ το βράδυ"),
    (23, 59, "στις έντεκα και πενήντα εννέα το βράδυ"),
]  # fmt: skip
GREEK_DATES = [
    (date(2026, 12, 1), False, "την πρώτη Δεκεμβρίου"), (date(2027, 3, 3), False, "στις τρεις Μαρτίου"),
    (date(2027, 3, 3), True, "στις τρεις Μαρτίου δύο χιλιάδες είκοσι επτά"),
    (date(2026, 5, 21), False, "στις είκοσι μία Μαΐου"),
    (date(2026, 8, 31), False, "στις τριάντα μία Αυγούστου"), (date(2026, 7, 14), False, "στις δεκατέσσερις Ιουλίου"),
    (date(1985, 1, 13), True, "στις δεκατρείς Ιανουαρίου χίλια εννιακόσια ογδόντα πέντε"),
]  # fmt: skip
GREEK_DIGITS = [
    ("123456789", "ένα δύο τρία, τέσσερα πέντε έξι, επτά οκτώ εννέα"),
    ("2106241888", "δύο ένα μηδέν, έξι δύο τέσσερα, ένα οκτώ οκτώ οκτώ"),
    ("01018012345", "μηδέν ένα, μηδέν ένα, οκτώ μηδέν, ένα δύο τρία, τέσσερα πέντε"),
    ("1555", "ένα πέντε, πέντε πέντε"), ("15900", "ένα πέντε εννέα, μηδέν μηδέν"), ("7", "επτά"),
    ("112", "ένα ένα δύο"),
    ("1234567", "ένα δύο τρία, τέσσερα πέντε, έξι επτά"),
]  # fmt: skip


def test_there_are_enough_greek_cases() -> None:
    """Positions, counted minutes and hours, times and digit groups: what callers are told."""
    assert len(GREEK_ORDINALS + GREEK_COUNTED + GREEK_DURATIONS + GREEK_TIMES + GREEK_DIGITS) >= 60


@pytest.mark.parametrize(("number", "gender", "said"), GREEK_CARDINALS)
def test_greek_cardinals(number: int, gender: Gender, said: str) -> None:
    assert EL.cardinal(number, gender) == said


@pytest.mark.parametrize(("number", "gender", "said"), GREEK_ORDINALS)
def test_greek_positions(number: int, gender: Gender, said: str) -> None:
    assert EL.ordinal(number, gender) == said


@pytest.mark.parametrize(("number", "noun", "said"), GREEK_COUNTED)
def test_greek_numbers_agree_with_what_they_count(number: int, noun: Noun, said: str) -> None:
    assert EL.counted(number, noun) == said


@pytest.mark.parametrize(("seconds", "said"), GREEK_DURATIONS)
def test_greek_durations(seconds: int, said: str) -> None:
    assert EL.duration(seconds) == said


@pytest.mark.parametrize(("hour", "minute", "said"), GREEK_TIMES)
def test_greek_times_of_day(hour: int, minute: int, said: str) -> None:
    assert EL.at(time(hour, minute)) == said


@pytest.mark.parametrize(("day", "year", "said"), GREEK_DATES)
def test_greek_dates(day: date, year: bool, said: str) -> None:
    assert EL.on(day, year) == said


@pytest.mark.parametrize(("number", "said"), GREEK_DIGITS)
def test_greek_digits_in_groups(number: str, said: str) -> None:
    assert EL.digits(number) == said


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (EN.cardinal(0), "zero"),
        (EN.cardinal(21), "twenty-one"),
        (EN.cardinal(100), "one hundred"),
        (EN.cardinal(113, F), "one hundred and thirteen"),
        (EN.cardinal(1005), "one thousand and five"),
        (EN.cardinal(2340), "two thousand three hundred and forty"),
        (EN.cardinal(101_001), "one hundred and one thousand and one"),
        (EN.ordinal(1), "first"),
        (EN.ordinal(12, M), "twelfth"),
        (EN.ordinal(20), "twentieth"),
        (EN.ordinal(32), "thirty-second"),
        (EN.ordinal(103), "one hundred and third"),
        (EN.ordinal(200), "two hundredth"),
        (EN.counted(1, Noun.MINUTES), "one minute"),
        (EN.counted(21, Noun.MINUTES), "twenty-one minutes"),
        (EN.counted(0, Noun.CALLS), "zero calls"),
        (EN.duration(7260), "two hours and one minute"),
        (EN.at(time(0, 0)), "at midnight"),
        (EN.at(time(12, 0)), "at noon"),
        (EN.at(time(7, 0)), "at seven o'clock in the morning"),
        (EN.at(time(17, 5)), "at five oh five in the afternoon"),
        (EN.at(time(18, 30)), "at six thirty in the evening"),
        (EN.at(time(0, 15)), "at twelve fifteen in the morning"),
        (EN.on(date(2027, 3, 3)), "on the third of March"),
        (EN.on(date(2026, 12, 1), year=True), "on the first of December two thousand and twenty-six"),
        (EN.digits("15900"), "one five nine, zero zero"),
    ],
)
def test_english(said: str, expected: str) -> None:
    assert said == expected


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("θέση {n}", "el", "θέση είκοσι ένα"),
        ("{n:m} / {n:f}", "el", "είκοσι ένας / είκοσι μία"),
        ("{n:nth.m} / {n:nth.f} / {n:nth.n}", "el", "εικοστός πρώτος / εικοστή πρώτη / εικοστό πρώτο"),
        ("{n:minutes}, {n:calls}", "el", "είκοσι ένα λεπτά, είκοσι μία κλήσεις"),
        ("{n:duration}", "en", "twenty-one minutes"),
        ("{n:nth.f} of {n:hours}", "en", "twenty-first of twenty-one hours"),
        ("{n}", "de", "21"),
        ("nothing", "el", "nothing"),
    ],
)
def test_forms_in_a_text(text: str, language: str, said: str) -> None:
    assert fill(text, 21, language) == said


@pytest.mark.parametrize(("text", "language"), [("{n:x}", "el"), ("{m}", "en"), ("{n:minutes}", "de")])
def test_forms_nobody_knows(text: str, language: str) -> None:
    with pytest.raises(KeyError):
        fill(text, 1, language)


def test_every_form_is_in_the_admins_reference() -> None:
    reference = Path(__file__).parents[2].joinpath("docs", "dialplans.md").read_text(encoding="utf-8")
    assert all(f"| `{place}` |" in reference for place in PLACES)


@pytest.mark.parametrize("place", PLACES)
def test_every_form_can_be_said_up_to_the_most_a_prompt_may_count(place: str) -> None:
    for language in TONGUES:
        said = [fill(place, number, language) for number in range(1, 201)]
        assert len(set(said)) == 200 and not any(set(text) & set("0123456789{}") for text in said)


def test_languages_without_words() -> None:
    assert tongue("el") is EL and tongue("en") is EN and tongue("de") is None


# --- what holds for every number --------------------------------------------------------------------------------------

tongues = pytest.mark.parametrize("words", TONGUES.values(), ids=TONGUES)
numbers = st.integers(0, GREATEST)


@tongues
@pytest.mark.parametrize("gender", Gender)
def test_no_two_numbers_are_said_alike(words: Tongue, gender: Gender) -> None:
    """All up to 2,000, then each count of thousands with each kind of rest: the words of the two do not touch."""
    some = [*range(2000), *(t * 1000 + rest for t, rest in product(range(2, 1000), (0, 1, 2, 100, 101, 121, 999)))]
    assert len({words.cardinal(number, gender) for number in some}) == len(some)
    positions = range(1, GREATEST_ORDINAL + 1)
    assert len({words.ordinal(number, gender) for number in positions}) == len(positions)


@tongues
@given(number=numbers, gender=st.sampled_from(Gender))
def test_what_is_said_can_be_understood(words: Tongue, number: int, gender: Gender) -> None:
    assert understood(words, words.cardinal(number, gender)) == number


@given(number=numbers)
def test_only_what_bends_differs_between_the_genders(number: int) -> None:
    """Word for word: the same, or the form of the other gender of the same number."""
    said = {gender: EL.cardinal(number, gender).split() for gender in Gender}
    assert len({len(words) for words in said.values()}) == 1
    for words in zip(*said.values(), strict=True):
        assert len(set(words)) == 1 or words in BENT


@given(number=numbers, noun=st.sampled_from(Noun))
def test_the_number_agrees_with_the_noun(number: int, noun: Noun) -> None:
    gender, one, many = NOUNS[noun]
    assert EL.counted(number, noun) == f"{EL.cardinal(number, gender)} {one if number == 1 else many}"


@tongues
@given(number=st.from_regex(r"[0-9]{1,30}", fullmatch=True))
def test_every_digit_is_read(words: Tongue, number: str) -> None:
    groups = [group.split() for group in words.digits(number).split(", ")]
    assert "".join(str(understood(words, digit)) for group in groups for digit in group) == number
    assert len(number) == 1 or all(2 <= len(group) <= 4 for group in groups)


@tongues
@given(moment=st.times(), other=st.times())
def test_no_two_minutes_of_the_day_are_said_alike(words: Tongue, moment: time, other: time) -> None:
    same = (moment.hour, moment.minute) == (other.hour, other.minute)
    assert (words.at(moment) == words.at(other)) is same


@tongues
@given(day=st.dates(), other=st.dates())
def test_no_two_days_are_said_alike(words: Tongue, day: date, other: date) -> None:
    assert (words.on(day, year=True) == words.on(other, year=True)) is (day == other)


@tongues
def test_what_has_no_words_is_refused(words: Tongue) -> None:
    for number in (-1, GREATEST + 1):
        with pytest.raises(ValueError, match="is not between 0 and"):
            words.cardinal(number)
    for number in (0, GREATEST_ORDINAL + 1):
        with pytest.raises(ValueError, match="is not between 1 and"):
            words.ordinal(number)
    for text in ("", "12a", "+30", "١٢"):
        with pytest.raises(ValueError, match="digits only"):
            words.digits(text)


NOUNS = {
    Noun.SECONDS: (N, "δευτερόλεπτο", "δευτερόλεπτα"),
    Noun.MINUTES: (N, "λεπτό", "λεπτά"),
    Noun.HOURS: (F, "ώρα", "ώρες"),
    Noun.DAYS: (F, "ημέρα", "ημέρες"),
    Noun.CALLS: (F, "κλήση", "κλήσεις"),
}
HUNDREDS = ("διακόσι", "τριακόσι", "τετρακόσι", "πεντακόσι", "εξακόσι", "επτακόσι", "οκτακόσι", "εννιακόσι")
BENT = {
    ("ένας", "μία", "ένα"),
    ("τρεις", "τρεις", "τρία"),
    ("τέσσερις", "τέσσερις", "τέσσερα"),
    ("δεκατρείς", "δεκατρείς", "δεκατρία"),
    ("δεκατέσσερις", "δεκατέσσερις", "δεκατέσσερα"),
    *((f"{stem}οι", f"{stem}ες", f"{stem}α") for stem in [*HUNDREDS, "χίλι"]),
}
"""Masculine, feminine, neuter of every word that has more than one form."""


def understood(words: Tongue, said: str) -> int:
    """The number somebody hears: small words are added, a thousand (or a hundred in English) multiplies."""
    values = {words.cardinal(n, gender): n for n in [*range(21), *range(30, 101, 10)] for gender in Gender}
    values |= {words.cardinal(n, gender): n for n in range(200, 901, 100) for gender in Gender} | {"εκατόν": 100}
    total = part = 0
    for word in said.replace("-", " ").replace(" and ", " ").split():
        if word in ("χιλιάδες", "thousand", "χίλια", "χίλιοι", "χίλιες"):
            total, part = (part or 1) * 1000, 0
        elif word == "hundred":
            part *= 100
        else:
            part += values[word]
    return total + part
