"""How callers walk through the menus: visits of nodes, the ways between them, and where callers hang up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from calls import CallId, Outcome, facts


@dataclass(slots=True)
class MenuTraffic:
    """A fold over facts. ``ways`` are (from, to): names of nodes, ``number 1555``, ``queue pensions``.

    ``missed``: wrong keys and silences by node; ``left``: callers who hung up there, out of the menus.
    """

    calls: int = 0
    visits: Counter[str] = field(default_factory=Counter)
    ways: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    _at: dict[CallId, str] = field(default_factory=dict)

    def apply(self, fact: facts.Fact) -> None:
        """Take one fact in; what says nothing of the menus is passed over."""
        match fact:
            case facts.CallStarted(call, _, dnis):
                self.calls += 1
                self._at[call] = number_place(dnis)
            case facts.NodeEntered(call, node):
                self._goes(call, node)
                self.visits[node] += 1
            case facts.InputMissed(_, node):
                self.missed[node] += 1
            case facts.Queued(call, queue):
                self._goes(call, queue_place(queue))
                del self._at[call]  # what follows is the queue's affair
            case facts.CallEnded(call, outcome):
                place = self._at.pop(call, None)
                if place is not None and outcome is Outcome.LEFT_IN_MENU:
                    self.left[place] += 1

    def without(self, hidden: frozenset[str]) -> MenuTraffic:
        """The same, with nothing of these nodes: neither visits nor the ways to and from them."""
        return MenuTraffic(
            self.calls,
            _kept(self.visits, hidden),
            Counter({way: n for way, n in self.ways.items() if hidden.isdisjoint(way)}),
            _kept(self.missed, hidden),
            _kept(self.left, hidden),
        )

    def _goes(self, call: CallId, place: str) -> None:
        """A call that comes from nowhere (a callback, or a caller who is back from an agent) takes no way."""
        before = self._at.get(call)
        if before is not None:
            self.ways[before, place] += 1
        self._at[call] = place


def number_place(number: str) -> str:
    """What a number of the line is called among the places."""
    return f"number {number}"


def queue_place(queue: str) -> str:
    """What a queue is called among the places."""
    return f"queue {queue}"


def _kept(counts: Counter[str], hidden: frozenset[str]) -> Counter[str]:
    return Counter({name: n for name, n in counts.items() if name not in hidden})
