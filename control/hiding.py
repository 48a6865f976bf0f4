"""Facts as others may see them: without telephone numbers, and without the steps that are told to nobody."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from calls import facts, mask
from metrics import view


class Confidential:
    """Words (confidential nodes, topics and choices) whose menu steps are told to nobody."""

    def __init__(self, words: Collection[str] = ()) -> None:
        self._words = frozenset(words)

    def add(self, words: Collection[str]) -> None:
        """Hide these too, from now on: callers of before may still come to what was hidden then."""
        self._words |= frozenset(words)

    def shown(self, word: str) -> str:
        """The word, or nothing where it is one of these."""
        return "" if word in self._words else word

    def hides(self, fact: facts.Fact) -> bool:
        """Tell whether the fact would give such a step away."""
        match fact:
            case facts.TransferStarted(confidential=True):
                return True
            case (
                facts.NodeEntered()
                | facts.InputMissed()
                | facts.DigitsTaken()
                | facts.LookupEnded()
                | facts.Surveyed()
                | facts.MessageLeft()
            ):
                return fact.node in self._words
            case facts.KeyTaken():
                return not self._words.isdisjoint((fact.node, fact.meaning))
            case facts.AttributeSet():
                return fact.value in self._words
        return False


def masked(fact: facts.Fact) -> facts.Fact:
    """The fact as others may see it: telephone numbers masked, also inside free text."""
    match fact:
        case facts.CallStarted() | facts.Survived():
            return replace(fact, ani=mask(fact.ani))
        case facts.CallbackPromised():
            return replace(fact, number=mask(fact.number))
        case facts.TransferStarted():
            return replace(fact, target=mask(fact.target))
        case facts.SentOn() | facts.Consulted() if fact.target.removeprefix("+").isdigit():
            return replace(fact, target=mask(fact.target))
        case facts.CodeRefused():
            return replace(fact, code=view.hide_numbers(fact.code))
        case facts.CommandLost():
            return replace(fact, error=view.hide_numbers(fact.error))
        case facts.LinkChanged():
            return replace(fact, reason=view.hide_numbers(fact.reason))
        case facts.OfferEnded() | facts.CallbackMissed():
            return replace(fact, detail=view.hide_numbers(fact.detail))
        case facts.Discrepancy():
            return replace(fact, switch=view.hide_numbers(fact.switch), done=view.hide_numbers(fact.done))
    return fact
