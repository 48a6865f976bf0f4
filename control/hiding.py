"""Facts as others may see them: without telephone numbers, and without the steps that are told to nobody.

Every fact of every step comes through here, and most have nothing to hide: tables by kind let these pass at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any, Final

from calls import facts as f
from calls import mask
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

    def hides(self, fact: f.Fact) -> bool:
        """Tell whether the fact would give such a step away."""
        if isinstance(fact, f.TransferStarted):
            return fact.confidential
        said = _SAYS.get(type(fact))
        return said is not None and any(getattr(fact, name) in self._words for name in said)


_SAYS: Final[dict[type, tuple[str, ...]]] = {
    **dict.fromkeys((f.NodeEntered, f.InputMissed, f.DigitsTaken, f.LookupEnded, f.Surveyed, f.MessageLeft), ("node",)),
    f.KeyTaken: ("node", "meaning"),
    f.AttributeSet: ("value",),
}
"""The fields of a step through the menus that name a node, a choice or a topic."""


def masked(fact: f.Fact) -> f.Fact:
    """The fact as others may see it: telephone numbers masked, also inside free text."""
    change = _MASKS.get(type(fact))
    return fact if change is None else change(fact)


def _numbers(fact: Any, *fields: str) -> Any:
    """The fact with these fields masked, which are telephone numbers."""
    return replace(fact, **{name: mask(getattr(fact, name)) for name in fields})


def _texts(fact: Any, *fields: str) -> Any:
    """The fact with every number in these fields masked, which are free text."""
    return replace(fact, **{name: view.hide_numbers(getattr(fact, name)) for name in fields})


def _target(fact: Any) -> Any:
    """The fact with its target masked, where that is a number and no name."""
    return _numbers(fact, "target") if fact.target.removeprefix("+").isdigit() else fact


def _in(hide: Callable[..., Any], *fields: str) -> Callable[[Any], Any]:
    return lambda fact: hide(fact, *fields)


_MASKS: Final[dict[type, Callable[[Any], Any]]] = {
    f.CallStarted: _in(_numbers, "ani"),
    f.Survived: _in(_numbers, "ani"),
    f.CallbackPromised: _in(_numbers, "number"),
    f.TransferStarted: _in(_numbers, "target"),
    f.SentOn: _target,
    f.Consulted: _target,
    f.LookupEnded: _in(_texts, "error"),
    f.CommandLost: _in(_texts, "error"),
    f.LinkChanged: _in(_texts, "reason"),
    f.OfferEnded: _in(_texts, "detail"),
    f.CallbackMissed: _in(_texts, "detail"),
    f.Discrepancy: _in(_texts, "switch", "done"),
    f.CodeRefused: _in(_texts, "code"),
}
"""What may carry a number. A field without one stays as it is."""
