"""Greek. Genders follow the noun (ένας, μία, ένα; τρεις, τρία; διακόσιοι, διακόσιες, διακόσια), thousands are feminine.

Forms are those of the school grammar (Χατζησαββίδης and Χατζησαββίδου, "Γραμματική Νέας Ελληνικής Γλώσσας", chapter on
numerals). If two are in use, the one more common in announcements: επτά and οκτώ (not εφτά, οχτώ), εννιακόσια,
δεκατέσσερις. Masculine words are nominatives; in the other genders nominative and accusative are the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time

from .tongue import GREATEST, GREATEST_ORDINAL, Gender, Noun, Tongue, within, words

_UNITS = words(
    "μηδέν ένα δύο τρία τέσσερα πέντε έξι επτά οκτώ εννέα δέκα έντεκα δώδεκα δεκατρία δεκατέσσερα δεκαπέντε δεκαέξι "
    "δεκαεπτά δεκαοκτώ δεκαεννέα"
)
_TENS = words("- - είκοσι τριάντα σαράντα πενήντα εξήντα εβδομήντα ογδόντα ενενήντα")
_HUNDREDS = words("- εκατό διακόσι τριακόσι τετρακόσι πεντακόσι εξακόσι επτακόσι οκτακόσι εννιακόσι")

_BENT: Mapping[Gender, Mapping[int, str]] = {
    Gender.NEUTER: {},
    Gender.MASCULINE: {1: "ένας", 3: "τρεις", 4: "τέσσερις", 13: "δεκατρείς", 14: "δεκατέσσερις"},
    Gender.FEMININE: {1: "μία", 3: "τρεις", 4: "τέσσερις", 13: "δεκατρείς", 14: "δεκατέσσερις"},
}
"""The units that change with the gender."""

_MANY = {Gender.MASCULINE: "οι", Gender.FEMININE: "ες", Gender.NEUTER: "α"}
"""Endings of the hundreds and of a thousand."""

_FIRSTS = words("- πρώτ δεύτερ τρίτ τέταρτ πέμπτ έκτ έβδομ όγδο ένατ δέκατ ενδέκατ δωδέκατ")
_TENTHS = words("- δέκατ εικοστ τριακοστ τεσσαρακοστ πεντηκοστ εξηκοστ εβδομηκοστ ογδοηκοστ ενενηκοστ")
_HUNDREDTHS = words(
    "- εκατοστ διακοσιοστ τριακοσιοστ τετρακοσιοστ πεντακοσιοστ εξακοσιοστ επτακοσιοστ οκτακοσιοστ εννιακοσιοστ"
)
_ENDS = {Gender.MASCULINE: ("ος", "ός"), Gender.FEMININE: ("η", "ή"), Gender.NEUTER: ("ο", "ό")}
"""Endings of ordinals, without stress and with it: with it for a stem that has no stressed vowel."""

_NOUNS: Mapping[Noun, tuple[Gender, str, str]] = {
    Noun.SECONDS: (Gender.NEUTER, "δευτερόλεπτο", "δευτερόλεπτα"),
    Noun.MINUTES: (Gender.NEUTER, "λεπτό", "λεπτά"),
    Noun.HOURS: (Gender.FEMININE, "ώρα", "ώρες"),
    Noun.DAYS: (Gender.FEMININE, "ημέρα", "ημέρες"),
    Noun.CALLS: (Gender.FEMININE, "κλήση", "κλήσεις"),
}

_MONTHS = words(
    "Ιανουαρίου Φεβρουαρίου Μαρτίου Απριλίου Μαΐου Ιουνίου Ιουλίου Αυγούστου Σεπτεμβρίου Οκτωβρίου Νοεμβρίου Δεκεμβρίου"
)

_PARTS_OF_DAY = (
    (4, "μετά τα μεσάνυχτα"), (12, "το πρωί"), (15, "το μεσημέρι"), (20, "το απόγευμα"), (24, "το βράδυ"),
)  # fmt: skip
_PAST = {15: "τέταρτο", 30: "μισή"}


class Greek(Tongue):
    """The words of Greek."""

    conjunction = "και"

    def cardinal(self, number: int, gender: Gender = Gender.NEUTER) -> str:
        thousands, rest = divmod(within(number, 0, GREATEST), 1000)
        if not thousands:
            return _below_thousand(rest, gender)
        said = f"χίλι{_MANY[gender]}" if thousands == 1 else f"{_below_thousand(thousands, Gender.FEMININE)} χιλιάδες"
        return f"{said} {_below_thousand(rest, gender)}" if rest else said

    def ordinal(self, number: int, gender: Gender = Gender.NEUTER) -> str:
        hundreds, rest = divmod(within(number, 1, GREATEST_ORDINAL), 100)
        tens, units = divmod(rest, 10)
        stems = [_HUNDREDTHS[hundreds]] if hundreds else []
        if rest < len(_FIRSTS):
            stems += [_FIRSTS[rest]] if rest else []
        else:
            stems += [_TENTHS[tens], _FIRSTS[units]] if units else [_TENTHS[tens]]
        return " ".join(_ended(stem, gender) for stem in stems)

    def counted(self, number: int, noun: Noun) -> str:
        gender, one, many = _NOUNS[noun]
        return f"{self.cardinal(number, gender)} {one if number == 1 else many}"

    def at(self, moment: time) -> str:
        """Say the time in twelve hours with the part of the day, as people do: a spoken "17:00" is hard to follow.

        Minutes are always added (και σαράντα πέντε, not παρά τέταρτο), so the hour said is the hour written.
        """
        hour = self.cardinal((moment.hour - 1) % 12 + 1, Gender.FEMININE)
        past = _PAST.get(moment.minute) or self.cardinal(moment.minute)
        clock = f"{hour} και {past}" if moment.minute else hour
        return f"{'στη' if hour == 'μία' else 'στις'} {clock} {_part_of_day(moment)}"

    def on(self, day: date, year: bool = False) -> str:
        said = "την πρώτη" if day.day == 1 else f"στις {self.cardinal(day.day, Gender.FEMININE)}"
        of = f" {self.cardinal(day.year)}" if year else ""
        return f"{said} {_MONTHS[day.month - 1]}{of}"


def _below_thousand(number: int, gender: Gender) -> str:
    hundreds, rest = divmod(number, 100)
    if hundreds == 0:
        return _below_hundred(rest, gender)
    if hundreds == 1:
        return f"εκατόν {_below_hundred(rest, gender)}" if rest else "εκατό"
    said = _HUNDREDS[hundreds] + _MANY[gender]
    return f"{said} {_below_hundred(rest, gender)}" if rest else said


def _below_hundred(number: int, gender: Gender) -> str:
    if number < len(_UNITS):
        return _BENT[gender].get(number, _UNITS[number])
    tens, units = divmod(number, 10)
    return f"{_TENS[tens]} {_below_hundred(units, gender)}" if units else _TENS[tens]


def _ended(stem: str, gender: Gender) -> str:
    unstressed, stressed = _ENDS[gender]
    return stem + (unstressed if set(stem) & set("άέήίόύώ") else stressed)


def _part_of_day(moment: time) -> str:
    if (moment.hour, moment.minute) == (0, 0):
        return "τα μεσάνυχτα"
    return next(said for end, said in _PARTS_OF_DAY if moment.hour < end)
