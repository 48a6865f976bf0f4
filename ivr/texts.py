"""The prompts as text in each language, with a variant for each number that a prompt may say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from calls.commands import Prompt

from .model import PAUSE
from .spoken import fill


@dataclass(frozen=True, slots=True)
class Numbered:
    """A text for the numbers 1 to ``upto``: ``each``, but ``only`` for some, and ``more`` beyond.

    ``{n}`` or ``{n:minutes}`` (``spoken.forms``) becomes the number in words; in ``more`` it is ``upto``.
    """

    each: str
    more: str
    only: Mapping[int, str] = field(default_factory=dict)

    def text(self, number: int, upto: int, language: str) -> str:
        """Give the text of this number, filled in. Above ``upto`` it is the text of ``more``, filled with ``upto``."""
        said = self.more if number > upto else self.only.get(number, self.each)
        return fill(said, min(number, upto), language)


@dataclass(frozen=True, slots=True)
class PromptText:
    """One prompt by language. Those that speak a number have ``numbered`` texts and ``upto``; the others ``plain``."""

    id: str
    plain: Mapping[str, str] = field(default_factory=dict)
    numbered: Mapping[str, Numbered] = field(default_factory=dict)
    upto: int = 0

    @property
    def languages(self) -> frozenset[str]:
        """Give the languages that have a text, plain or numbered."""
        return frozenset(self.plain) | frozenset(self.numbered)

    def variants(self) -> tuple[int | None, ...]:
        """List the numbers with a variant; the last one stands for all greater ones."""
        return tuple(range(1, self.upto + 2)) if self.upto else (None,)

    def clip(self, number: int | None) -> int | None:
        """Give the variant for ``number``."""
        return min(max(number or 1, 1), self.upto + 1) if self.upto else None

    def text(self, language: str, number: int | None = None) -> str:
        """Give the text. Raises ``KeyError`` for a language it does not have."""
        variant = self.clip(number)
        if variant is None:
            return self.plain[language]
        return self.numbered[language].text(variant, self.upto, language)


Texts = Mapping[str, PromptText]


def spoken(texts: Texts, prompts: tuple[Prompt, ...], language: str) -> str:
    """Join the prompts of one announcement into one text, for a terminal or a test."""
    said = (prompt for prompt in prompts if prompt != PAUSE)
    return " ".join(texts[prompt.id].text(language, prompt.number) for prompt in said)
