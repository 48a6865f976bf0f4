"""Judges the texts of one prompt: a translation for every language, and numbers that can be said in them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ivr.spoken import TONGUES, needs_words, places, tongue
from ivr.texts import Numbered, PromptText

from .findings import PROMPTS, Finding, Keys, one_of


def judge(text: PromptText, languages: Collection[str]) -> Iterator[Finding]:
    """What is wrong with a prompt's texts: languages, and the numbers said in them."""
    here: Keys = ("numbered", text.id, "texts") if text.upto else ("prompts", text.id)
    for language in languages:
        if language not in text.languages:
            yield Finding(PROMPTS, (*here, language), "no translation", f"the text in {language!r}")
    for language in text.languages - set(languages):
        yield Finding(PROMPTS, (*here, language), f"unknown language {language!r}", one_of(languages, language))
    for language, numbered in text.numbered.items():
        for number in numbered.only:
            if number > text.upto:
                expected = f"a number up to {text.upto}"
                yield Finding(PROMPTS, (*here, language, "only", str(number)), str(number), expected)
        if tongue(language) is None:
            yield from _wordless((*here, language), numbered)


def _wordless(here: Keys, numbered: Numbered) -> Iterator[Finding]:
    """Numbers that must agree with something, in a language whose numbers nobody has written down."""
    said: dict[Keys, str] = {("each",): numbered.each, ("more",): numbered.more}
    said |= {("only", str(number)): special for number, special in numbered.only.items()}
    for keys, text in said.items():
        if needs_words(text):
            expected = f"{{n}}, as digits: words for numbers are known in {', '.join(TONGUES)}"
            yield Finding(PROMPTS, (*here, *keys), " and ".join(places(text)), expected)
