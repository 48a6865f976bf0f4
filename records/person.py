"""One citizen in what is kept: how their number may be written, what stands in its place after it was erased.

A token is as long as the number and begins with its first three digits (a rule of the menus may look at these); letters
stand for the other digits, so that it can be nobody's number and still fits a pattern such as ``69########``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from secrets import choice

from calls.ids import ERASED_LETTERS, SHOWN_DIGITS

GREECE = "30"
_SAID = re.compile(r"(\+|00)?[0-9]{7,15}")


class NoNumber(ValueError):
    """Not a telephone number; the text says what was expected."""


@dataclass(frozen=True)
class Person:
    """A person, by their number. ``core`` ends all its spellings: the national number of a Greek one."""

    core: str
    country: str = GREECE

    @classmethod
    def of(cls, said: str) -> Person:
        """By a number as people write it: ``+30 694 123 4567``, ``0030...``, ``694-1234567``. Raises ``NoNumber``."""
        bare = re.sub(r"[\s().\-/]", "", said)
        if not _SAID.fullmatch(bare):
            raise NoNumber(f"{said!r}: expected a telephone number of 7 to 15 digits, e.g. 6941234567 or +306941234567")
        digits = re.sub(r"^(\+|00)", "", bare)
        if digits.startswith(GREECE) and len(digits) == 12:
            return cls(digits[2:])
        return cls(digits) if digits == bare else cls(digits, "")

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Prefixes that may stand before ``core``."""
        return ("", self.country, f"+{self.country}", f"00{self.country}")

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every way in which the number may be written."""
        return tuple(dict.fromkeys(prefix + self.core for prefix in self.prefixes))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The number inside a text, as group ``core``; not a part of a longer number."""
        return re.compile(_PATTERN.format(self.country, self.core))

    @cached_property
    def bytes_pattern(self) -> re.Pattern[bytes]:
        """The same in a file, also with the signs that only make a number readable (RFC 3966, chapter 5.1.1).

        In a pickle (a checkpoint of the first versions) the length of a text stands before it: perhaps like a digit.
        """
        core = _READABLE.join(self.core)
        return re.compile(_IN_FILE.format(self.country, core, _READABLE).encode("ascii"), re.DOTALL)

    def replaced(self, text: str, token: str) -> str:
        """The text with the token in place of the number; what stood before ``core`` stays."""
        if self.core not in text:
            return text
        return self.pattern.sub(lambda found: found[0][: -len(self.core)] + token, text)

    def overwritten(self, data: bytes, token: str) -> bytes:
        """The same for bytes; as long as before, each sign of the token in the place of a digit."""
        if self.core.encode() not in data.translate(None, _SIGNS):
            return data
        return self.bytes_pattern.sub(lambda found: _put(found[0], token.encode()), data)


_PATTERN = r"(?<![0-9])(?:\+|00)?(?:{0})?(?P<core>{1})(?![0-9])"
_SIGNS = b" -.()"
_READABLE = r"[ .()\-]{0,2}"
_IN_FILE = r"(?:(?<![0-9])|(?<=\x8c.))(?:\+|00)?(?:{0}{2})?{1}(?![0-9])"


def _put(number: bytes, token: bytes) -> bytes:
    """The number with its last digits replaced by the token's signs; what stands between them stays."""
    signs, places = bytearray(number), [at for at, sign in enumerate(number) if sign not in _SIGNS]
    for at, sign in zip(places[-len(token) :], token, strict=True):
        signs[at] = sign
    return bytes(signs)


def new_token(core: str) -> str:
    """A token for a number: nobody can tell from it which."""
    return core[:SHOWN_DIGITS] + "".join(choice(ERASED_LETTERS) for _ in core[SHOWN_DIGITS:])
