"""How callers walk: counts of nodes, ways and hang-ups, from the facts of the very engine and from single ones."""

from __future__ import annotations

from calls import CallId, CallStage, Outcome, Party, QueueId
from calls import facts as f
from metrics.traffic import MenuTraffic
from tests.line import Hand

C1, C2 = CallId("c1"), CallId("c2")


def counted(*told: f.Fact) -> MenuTraffic:
    traffic = MenuTraffic()
    for fact in told:
        traffic.apply(fact)
    return traffic


def queued(call: CallId, queue: str) -> f.Queued:
    return f.Queued(call, QueueId(queue), "", 0.0, 1, 1)


def ended(call: CallId, outcome: Outcome) -> f.CallEnded:
    return f.CallEnded(call, outcome, CallStage.MENU, Party.CALLER, 1.0)


def test_two_callers() -> None:
    traffic = counted(
        f.CallStarted(C1, "", "1555"), f.CallStarted(C2, "", "1555"),
        f.NodeEntered(C1, "hello"), f.NodeEntered(C2, "hello"), f.NodeEntered(C1, "ask"),
        f.InputMissed(C1, "ask", "8", 1), f.NodeEntered(C1, "agent"), queued(C1, "tax"),
        ended(C2, Outcome.LEFT_IN_MENU), queued(C1, "pay"), ended(C1, Outcome.ABANDONED),
    )  # fmt: skip
    assert traffic.calls == 2 and traffic.visits == {"hello": 2, "ask": 1, "agent": 1}
    assert traffic.ways == {
        ("number 1555", "hello"): 2,
        ("hello", "ask"): 1,
        ("ask", "agent"): 1,
        ("agent", "queue tax"): 1,
    }
    assert (traffic.missed, traffic.left) == ({"ask": 1}, {"hello": 1})


def test_who_comes_from_nowhere_takes_no_way() -> None:
    """A callback, and a caller who is back from their agent for the survey."""
    traffic = counted(queued(C1, "pay"), f.NodeEntered(C1, "survey"), f.NodeEntered(C1, "bye"))
    assert traffic.visits == {"survey": 1, "bye": 1} and traffic.ways == {("survey", "bye"): 1}


def test_of_hidden_nodes_nothing_is_left() -> None:
    told = (f.CallStarted(C1, "", "1555"), f.NodeEntered(C1, "ask"), f.NodeEntered(C1, "sos"), f.NodeEntered(C1, "bye"))
    traffic = counted(*told, ended(C1, Outcome.LEFT_IN_MENU)).without(frozenset({"sos"}))
    assert "sos" not in str(traffic.visits) + str(traffic.ways) and traffic.visits["bye"] == 1


def test_the_engines_own_facts() -> None:
    hand = Hand().open().ready("a1")
    hand.call("c1", "1555")
    traffic = MenuTraffic()
    for _, _, out in hand.steps:
        for fact in out:
            if isinstance(fact, f.Fact):
                traffic.apply(fact)
    assert traffic.calls == 1 and traffic.ways["number 1555", "language"] == 1
