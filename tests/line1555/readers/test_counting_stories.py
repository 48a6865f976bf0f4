"""What counts, in stories whose figures were worked out by hand from docs/measures.md.

Each is told by the engine and read on the board, on ``/metrics``, in the reports (every step from what the database
holds), in the simulator, and on a board that starts again: after each step, and from the journal alone.

Agents wrap up for 30 s, phones ring for 15 s, T is 20 s, a short abandon is under 5 s. The number 11320 leads to the
queue and topic ``pensions`` at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

import pytest

from calls import AgentAction, AgentId, CallId, CallStage, OfferId, OfferResult, Party
from calls import events as e
from calls import facts as f
from engine import Line, LineSettings
from line1555.live.recovery import recover
from metrics import Calendar, LineState, offset_of
from queues import OverflowAction, OverflowRule, OverflowTrigger, RunningMean, WaitEstimator
from records import Journal
from tests import counted
from tests.counted import Row
from tests.line import GENERAL, PENSIONS, Hand, changed, menus, settings

C1, C2, A1, A2 = CallId("c1"), CallId("c2"), AgentId("a1"), AgentId("a2")
FACTS = get_args(f.Fact)
SERVED: Row = {"handled": 1, "handled_within_t": 1, "offers": 1, "ring_s": 2, "talk_s": 60, "wrap_up_s": 30, "asa_s": 2,
               "aht_s": 90, "service_level": 1.0}  # fmt: skip
"""One call that waited 2 s while the first phone rang, and talked for a minute."""
ONE: Row = {"handled": 1, "offers": 1, "aht_s": 90}
"""Its agent."""


@dataclass(frozen=True)
class Story:
    """What happens, and the figures. ``topic``: the one row of topics, the line's where not given.

    ``alone``: the journal alone tells it; not where a test had to put something into the engine.
    """

    act: Callable[[Hand], None]
    line: Row
    queues: dict[str, Row] = field(default_factory=dict)
    agents: dict[str, Row] = field(default_factory=dict)
    topic: str = "pensions"
    rules: tuple[OverflowRule, ...] = ()
    alone: bool = True
    survey: bool = False

    @property
    def settings(self) -> LineSettings:
        tree = replace(menus(), after_call="how" if self.survey else None)
        return changed(settings(menu=tree), pensions={"overflow": self.rules})


def serve(hand: Hand, call: str = "c1", after_s: float = 2.0, talk_s: float = 60.0) -> None:
    offer = hand.talk(call, after_s)
    hand.do(e.CallerLeft(CallId(call)), talk_s)
    hand.do(e.AgentLeft(offer))


# -- sent away, and sent to another queue ---


def turned_away_at_the_door(hand: Hand) -> None:
    hand.ready("a1").call("c1")
    serve(hand)
    hand.do(e.QueueSwitched(PENSIONS, False))
    hand.call("c2")
    hand.do(e.CallerLeft(C2), 5.0)


AWAY: Row = {**SERVED, "offered": 2, "overflowed": 1, "service_level": 0.5}


def withdrawn_by_a_supervisor(hand: Hand) -> None:
    hand.call("c1")
    hand.do(e.CallWithdrawn(C1), 25.0)
    hand.do(e.CallerLeft(C1), 3.0)


def second_goes_elsewhere(hand: Hand) -> None:
    hand.call("c1")
    hand.wait(10.0)
    second_calls(hand)


def second_is_expected_to_wait_long(hand: Hand) -> None:
    hand.ask("a1", AgentAction.LOG_IN)
    hand.call("c1")
    hand.line._state.estimators[PENSIONS] = WaitEstimator(RunningMean(0.0, 100.0, 50))
    hand.wait(10.0)
    second_calls(hand)


def second_calls(hand: Hand) -> None:
    """Both give up, the second after 35 s in the other queue."""
    hand.call("c2")
    hand.do(e.CallerLeft(C1), 30.0)
    hand.do(e.CallerLeft(C2), 5.0)


BOTH: Row = {"arrived": 2, "offered": 2, "abandoned": 2, "service_level": 0.0, "abandon_share": 1.0}
BOTH_IN: dict[str, Row] = {
    "pensions": {"offered": 2, "overflowed": 1, "abandoned": 1, "service_level": 0.0},
    "general": {"offered": 1, "abandoned": 1, "service_level": 0.0},
}


def nobody_could_take_it(hand: Hand) -> None:
    hand.call("c1")
    hand.do(e.CallerLeft(C1), 12.0)


def queue_closes(hand: Hand) -> None:
    hand.call("c1")
    hand.do(e.QueueSwitched(PENSIONS, False), 10.0)
    hand.do(e.CallerLeft(C1), 8.0)


def moved_and_served(hand: Hand) -> None:
    """20 s in the first queue, 14 s in the second."""
    hand.call("c1")
    hand.wait(30.0)
    hand.ready("a1")
    serve(hand, after_s=4.0)


def outside_number_does_not_answer(hand: Hand) -> None:
    """15 s in the queue, 10 s of ringing outside, 12 s in the queue again."""
    hand.call("c1")
    hand.wait(15.0)
    hand.do(e.CallerBack(C1), 10.0)
    hand.do(e.CallerLeft(C1), 12.0)


def outside_number_answers(hand: Hand) -> None:
    hand.call("c1")
    hand.wait(15.0)
    hand.do(e.TransferAnswered(C1), 10.0)
    hand.do(e.CallerLeft(C1), 100.0)


def moved_by_a_supervisor(hand: Hand) -> None:
    hand.call("c1")
    hand.do(e.CallMoved(C1, GENERAL), 10.0)
    hand.do(e.CallerLeft(C1), 20.0)


# -- sent on ---


def sent_on_and_given_up(hand: Hand) -> None:
    hand.ready("a1").call("c1")
    hand.talk("c1")
    hand.do(e.AgentTransferred(C1, "general"), 60.0)
    hand.do(e.CallerLeft(C1), 8.0)


def sent_on_to_a_colleague(hand: Hand) -> None:
    hand.ready("a1", "a2").call("c1")
    hand.talk("c1")
    hand.do(e.AgentTransferred(C1, "a2"), 60.0)
    serve(hand, after_s=3.0, talk_s=30.0)


def handed_over_after_asking(hand: Hand) -> None:
    hand.ready("a1", "a2").call("c1")
    hand.talk("c1")
    hand.do(e.CallHandedOver(C1, OfferId("17.9"), A2), 10.0)
    hand.do(e.CallerLeft(C1), 40.0)
    hand.do(e.AgentLeft(OfferId("17.9")))


# -- callbacks ---


def promised(hand: Hand) -> CallId:
    hand.call("c1")
    hand.do(e.KeyPressed(C1, "1"), 4.0)
    hand.do(e.CallerLeft(C1), 2.0)
    hand.ready("a1")
    hand.do(e.OfferAnswered(hand.all(f.OfferMade)[-1].offer), 3.0)
    return hand.all(f.CallbackPromised)[-1].callback


def called_back(hand: Hand) -> None:
    back = promised(hand)
    offer = hand.all(f.OfferMade)[-1].offer
    hand.do(e.CallbackAnswered(back), 6.0)
    hand.do(e.Bridged(back, offer))
    hand.do(e.CallerLeft(back), 60.0)
    hand.do(e.AgentLeft(offer))


def not_reached_three_times(hand: Hand) -> None:
    back = promised(hand)
    for attempt in (1, 2, 3):
        hand.do(e.CallbackFailed(back, OfferResult.BUSY), 5.0)
        hand.do(e.AgentLeft(hand.all(f.OfferMade)[-1].offer))
        if attempt < 3:
            hand.wait(900.0)
            hand.do(e.OfferAnswered(hand.all(f.OfferMade)[-1].offer), 1.0)


# -- the rest ---


def calls_again(hand: Hand) -> None:
    hand.call("c1")
    hand.do(e.CallerLeft(C1), 3.0)
    hand.ready("a1").call("c2")
    serve(hand, "c2")


def first_phone_is_not_answered(hand: Hand) -> None:
    hand.ready("a1", "a2").call("c1")
    hand.wait(15.0)
    serve(hand, after_s=4.0)


def asked_how_it_was(hand: Hand) -> None:
    hand.ready("a1").call("c1")
    hand.do(e.AgentLeft(hand.talk("c1")), 60.0)
    hand.do(e.CallerBack(C1))
    hand.do(e.KeyPressed(C1, "4"), 6.0)
    hand.heard("c1")
    hand.do(e.CallerLeft(C1))


def phones_that_are_gone(hand: Hand) -> None:
    """The agent's after 30 s; the caller waits again, and 20 s into the second talk theirs."""
    hand.ready("a1").call("c1")
    hand.do(e.AgentLeft(hand.talk("c1"), lost=True), 30.0)
    hand.do(e.CallerBack(C1), 0.5)
    hand.ready("a2")
    hand.talk("c1")
    hand.do(e.CallerLeft(C1, lost=True), 20.0)


def line_starts_again(hand: Hand) -> None:
    """While one talks and one waits."""
    hand.ready("a1").call("c1")
    offer = hand.talk("c1")
    hand.call("c2")
    hand.wait(10.0)
    hand.do(e.LineStarted("n1", counted.ANCHOR, "test"))
    seen = (e.SeenCall(C1, CallStage.TALKING, offer), e.SeenCall(C2, CallStage.MENU))
    phones = tuple(hand.line._state.settings.agents)
    hand.do(e.Snapshot(seen, (e.SeenOffer(offer, True),), phones, (), final=True))
    hand.do(e.CallerLeft(C1), 20.0)
    hand.do(e.AgentLeft(offer))
    hand.do(e.CallerLeft(C2), 5.0)


def served_by_asterisk_alone(hand: Hand) -> None:
    hand.wait(200.0)
    hand.do(e.CallSurvived(C1, "6941234567", "1555", PENSIONS, A1, 3.0, 20.0, 33.0, 60.0, Party.CALLER))


def rescued_and_told_of_later(hand: Hand) -> None:
    """The engine had counted it; what Asterisk did then is in its journey only."""
    hand.call("c1")
    hand.do(e.CallRescued(C1), 25.0)
    hand.do(e.CallSurvived(C1, "6941234567", "11320", PENSIONS, A1, 3.0, 20.0, 60.0, 5.0, Party.CALLER, True), 60.0)


def gone_in_the_menus(hand: Hand) -> None:
    hand.call("c1", "1555")
    hand.do(e.CallerLeft(C1), 5.0)


def over(
    limit: OverflowTrigger, at: float = 0.0, way: OverflowAction = OverflowAction.QUEUE, target: str = GENERAL
) -> tuple[OverflowRule, ...]:
    return (OverflowRule(limit, way, target, at),)


STORIES = {
    "turned away at the door": Story(
        turned_away_at_the_door, {**AWAY, "arrived": 2}, {"pensions": AWAY}, {"a1": ONE},
        rules=over(OverflowTrigger.CLOSED, way=OverflowAction.MESSAGE, target="closed"),
    ),
    "withdrawn": Story(
        withdrawn_by_a_supervisor, {"arrived": 1, "offered": 1, "refused": 1, "service_level": 0.0},
        {"pensions": {"offered": 1, "refused": 1, "service_level": 0.0}},
    ),
    "length": Story(second_goes_elsewhere, BOTH, BOTH_IN, rules=over(OverflowTrigger.LENGTH, 1)),
    "longest wait": Story(second_goes_elsewhere, BOTH, BOTH_IN, rules=over(OverflowTrigger.LONGEST_WAIT, 5.0)),
    "expected wait": Story(
        second_is_expected_to_wait_long, BOTH, BOTH_IN, rules=over(OverflowTrigger.EXPECTED_WAIT, 50.0), alone=False
    ),
    "nobody": Story(
        nobody_could_take_it,
        {"arrived": 1, "offered": 1, "abandoned": 1, "abandoned_within_t": 1, "service_level": None},
        {
            "pensions": {"offered": 1, "overflowed": 1, "service_level": 0.0},
            "general": {"offered": 1, "abandoned": 1, "abandoned_within_t": 1, "service_level": None},
        },
        rules=over(OverflowTrigger.NOBODY),
    ),
    "closed": Story(
        queue_closes, {"arrived": 1, "offered": 1, "abandoned": 1, "abandoned_within_t": 1, "service_level": None},
        {
            "pensions": {"offered": 1, "overflowed": 1, "service_level": 0.0},
            "general": {"offered": 1, "abandoned": 1, "abandoned_within_t": 1, "service_level": None},
        },
        rules=over(OverflowTrigger.CLOSED),
    ),
    "waited": Story(
        moved_and_served,
        {**SERVED, "arrived": 1, "offered": 1, "handled_within_t": 0, "ring_s": 4, "asa_s": 34, "service_level": 0.0},
        {
            "pensions": {"offered": 1, "overflowed": 1, "service_level": 0.0},
            "general": {**SERVED, "offered": 1, "ring_s": 4, "asa_s": 14},
        },
        {"a1": ONE}, rules=over(OverflowTrigger.WAITED, 20.0),
    ),
    "outside number that does not answer": Story(
        outside_number_does_not_answer, {"arrived": 1, "offered": 1, "abandoned": 1, "service_level": 0.0},
        {"pensions": {"offered": 2, "overflowed": 1, "abandoned": 1, "abandoned_within_t": 1, "service_level": 0.0}},
        rules=over(OverflowTrigger.WAITED, 15.0, OverflowAction.NUMBER, "2101234567"),
    ),
    "outside number that answers": Story(
        outside_number_answers, {"arrived": 1, "offered": 1, "overflowed": 1, "service_level": 0.0},
        {"pensions": {"offered": 1, "overflowed": 1, "service_level": 0.0}},
        rules=over(OverflowTrigger.WAITED, 15.0, OverflowAction.NUMBER, "2101234567"),
    ),
    "moved by a supervisor": Story(
        moved_by_a_supervisor, {"arrived": 1, "offered": 1, "abandoned": 1, "service_level": 0.0},
        {
            "pensions": {"offered": 1, "overflowed": 1, "service_level": 0.0},
            "general": {"offered": 1, "abandoned": 1, "abandoned_within_t": 1, "service_level": None},
        },
    ),
    "blind transfer that is given up": Story(
        sent_on_and_given_up, {**SERVED, "arrived": 1, "offered": 2, "abandoned": 1, "abandoned_within_t": 1},
        {
            "pensions": {**SERVED, "offered": 1},
            "general": {"offered": 1, "abandoned": 1, "abandoned_within_t": 1, "service_level": None},
        },
        {"a1": ONE},
    ),
    "blind transfer to a colleague": Story(
        sent_on_to_a_colleague,
        {"arrived": 1, "offered": 2, "handled": 2, "handled_within_t": 2, "offers": 2, "ring_s": 5, "talk_s": 90,
         "wrap_up_s": 60, "asa_s": 2.5, "aht_s": 75, "service_level": 1.0},
        {"pensions": {"offered": 2, "handled": 2, "handled_within_t": 2, "offers": 2, "ring_s": 5, "talk_s": 90,
                      "wrap_up_s": 60, "asa_s": 2.5, "aht_s": 75, "service_level": 1.0}},
        {"a1": ONE, "a2": {**ONE, "aht_s": 60}},
    ),
    "asked transfer": Story(
        handed_over_after_asking, {**SERVED, "arrived": 1, "offered": 1, "talk_s": 50, "wrap_up_s": 60, "aht_s": 110},
        {"pensions": {**SERVED, "offered": 1, "talk_s": 50, "wrap_up_s": 60, "aht_s": 110}},
        {"a1": {**ONE, "aht_s": 40}, "a2": {"handled": 1, "aht_s": 70}},
    ),
    "callback": Story(
        called_back,
        {"arrived": 1, "offered": 1, "overflowed": 1, "callbacks": 1, "called_back": 1, "offers": 1, "ring_s": 3,
         "talk_s": 60, "wrap_up_s": 30, "aht_s": 90, "service_level": 0.0},
        {"pensions": {"offered": 1, "overflowed": 1, "callbacks": 1, "called_back": 1, "offers": 1, "ring_s": 3,
                      "talk_s": 60, "wrap_up_s": 30, "aht_s": 90, "service_level": 0.0}},
        {"a1": ONE}, rules=over(OverflowTrigger.LENGTH, way=OverflowAction.CALLBACK, target=""),
    ),
    "callback that is given up": Story(
        not_reached_three_times,
        {"arrived": 1, "offered": 1, "overflowed": 1, "callbacks": 1, "unreached": 1, "offers": 3,
         "service_level": 0.0},
        {"pensions": {"offered": 1, "overflowed": 1, "callbacks": 1, "unreached": 1, "offers": 3,
                      "service_level": 0.0}},
        {"a1": {"offers": 3}}, rules=over(OverflowTrigger.LENGTH, way=OverflowAction.CALLBACK, target=""),
    ),
    "redial": Story(
        calls_again,
        {**SERVED, "arrived": 2, "offered": 2, "abandoned": 1, "abandoned_within_t": 1, "short_abandoned": 1,
         "abandon_share": 0.0},
        {"pensions": {**SERVED, "offered": 2, "abandoned": 1, "abandoned_within_t": 1, "short_abandoned": 1}},
        {"a1": ONE},
    ),
    "rona": Story(
        first_phone_is_not_answered,
        {**SERVED, "arrived": 1, "offered": 1, "offers": 2, "rona": 1, "ring_s": 4, "asa_s": 19},
        {"pensions": {**SERVED, "offered": 1, "offers": 2, "rona": 1, "ring_s": 4, "asa_s": 19}},
        {"a1": {"offers": 1, "rona": 1}, "a2": ONE},
    ),
    "survey": Story(
        asked_how_it_was, {**SERVED, "arrived": 1, "offered": 1}, {"pensions": {**SERVED, "offered": 1}}, {"a1": ONE},
        survey=True,
    ),
    "phones that are gone": Story(
        phones_that_are_gone,
        {"arrived": 1, "offered": 2, "handled": 2, "handled_within_t": 2, "offers": 2, "ring_s": 4, "talk_s": 50,
         "wrap_up_s": 60, "lost_media": 2, "asa_s": 2, "aht_s": 55, "service_level": 1.0},
        {"pensions": {"offered": 2, "handled": 2, "handled_within_t": 2, "offers": 2, "ring_s": 4, "talk_s": 50,
                      "wrap_up_s": 60, "lost_media": 2, "asa_s": 2, "aht_s": 55, "service_level": 1.0}},
        {"a1": {**ONE, "lost_media_agent": 1, "aht_s": 60}, "a2": {**ONE, "aht_s": 50}},
    ),
    "restart": Story(
        line_starts_again,
        {**SERVED, "arrived": 2, "offered": 2, "abandoned": 1, "talk_s": 30, "aht_s": 60, "service_level": 0.5},
        {"pensions": {**SERVED, "offered": 2, "abandoned": 1, "talk_s": 30, "aht_s": 60, "service_level": 0.5}},
        {"a1": {**ONE, "aht_s": 60}},
    ),
    "survived": Story(
        served_by_asterisk_alone, {"arrived": 1, "offered": 1, "survived": 1, "service_level": 0.0},
        {"pensions": {"offered": 1, "survived": 1, "service_level": 0.0}}, {"a1": {"handled": 1, "aht_s": 20}},
        topic="",
    ),
    "rescued": Story(
        rescued_and_told_of_later, {"arrived": 1, "offered": 1, "survived": 1, "service_level": 0.0},
        {"pensions": {"offered": 1, "survived": 1, "service_level": 0.0}},
    ),
    "gone in the menus": Story(gone_in_the_menus, {"arrived": 1, "left_in_menu": 1, "service_level": None}),
}  # fmt: skip


@pytest.fixture(params=STORIES)
def story(request: pytest.FixtureRequest) -> Story:
    return STORIES[request.param]


@pytest.fixture
def hand(story: Story) -> Hand:
    """The line, when the story has happened and everybody's work is done."""
    hand = Hand(Line(story.settings)).open()
    story.act(hand)
    hand.wait(100.0)
    return hand


def steps_of(hand: Hand) -> counted.Steps:
    return [(now, [out for out in outputs if isinstance(out, FACTS)]) for now, _, outputs in hand.steps]


def check(story: Story, shown: counted.Figures, where: str) -> None:
    """Counts that the story does not name are 0; measures that it does not name are not looked at."""
    known = (*counted.COUNTS, "arrived", "left_in_menu", "informed", "transferred")
    rows = [("line", story.line, shown.line)]
    rows += [(f"queue {name}", story.queues.get(name, {}), row) for name, row in shown.queues.items()]
    rows += [(f"topic {name}", story.line if name == story.topic else {}, row) for name, row in shown.topics.items()]
    for name, wanted, row in rows:
        expected = counted.complete({**dict.fromkeys(known, 0), "asa_s": None, **wanted})
        counted.agree(expected, {key: value for key, value in row.items() if key in expected}, f"{where}: {name}")
    for agent, row in shown.agents.items():
        expected = {**dict.fromkeys(counted.AGENTS, 0), "aht_s": None, **story.agents.get(agent, {})}
        counted.agree(expected, row, f"{where}: agent {agent}")


def test_on_the_board_and_on_metrics(story: Story, hand: Hand) -> None:
    steps = steps_of(hand)
    state = counted.folded(steps)
    board = counted.board(state, hand.now)
    check(story, board, "board")
    assert set(story.queues) <= set(board.queues) and set(story.agents) <= set(board.agents)
    check(story, counted.exported(state, hand.now), "/metrics")
    again = counted.folded(steps, restarts=lambda _: True)
    check(story, counted.board(again, hand.now), "board that starts again at every step")


def test_in_the_reports(story: Story, hand: Hand, tmp_path: Path) -> None:
    for batch in (1, 1000):
        (tmp_path / str(batch)).mkdir()
        shown = counted.reported(steps_of(hand), tmp_path / str(batch), batch)
        check(story, shown, f"report, {batch} steps at a time")
        assert set(story.queues) == set(shown.queues) and set(story.agents) <= set(shown.agents)


def test_in_the_simulator(story: Story, hand: Hand) -> None:
    check(story, counted.simulated(steps_of(hand), (PENSIONS, GENERAL)), "simulator")


@pytest.mark.parametrize("story", [name for name, story in STORIES.items() if story.alone], indirect=True)
def test_from_the_journal_alone(story: Story, hand: Hand, tmp_path: Path) -> None:
    """The line goes down before the end, and the board's figures are read from what it wrote."""
    calendar = Calendar(1800, offset_of(counted.ATHENS))
    with Journal(tmp_path / "journal.db", node="n1", wall=lambda: counted.ANCHOR) as journal:
        recovery, _ = recover(journal, story.settings, LineState(calendar), "1")
        for number, (now, event, _) in enumerate(hand.steps):
            out = recovery.line.tick(now) if event is None else recovery.line.handle(event, now)
            recovery.append(now, event, [output for output in out if isinstance(output, FACTS)])
            if number == len(hand.steps) // 2:
                recovery.checkpoint(now)
    with Journal(tmp_path / "journal.db", node="n1", wall=lambda: counted.ANCHOR) as journal:
        again, _ = recover(journal, story.settings, LineState(calendar), "1")
    assert again.steps
    check(story, counted.board(again.state, hand.now), "board of the journal")
