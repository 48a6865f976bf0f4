"""Whatever its kind, what waits stands in one room, in the order of one key: tickets with deadlines beside calls."""

from __future__ import annotations

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from acd import Distributor, policy_of
from agents import AgentEvent, AgentSettings, Roster
from calls import AgentId, CallId, QueueId, TicketId, WorkItemId, parse
from queues import QueueSettings, WaitingRoom

LONGEST_IDLE = policy_of("longest_idle", {})
ME, EL = AgentId("a1"), parse("lang.el")
DESK = QueueSettings(QueueId("desk"), "", EL, ageing=1.0, cap_s=600.0)
PHONE = QueueSettings(QueueId("phone"), "", EL, ageing=1.0, cap_s=60.0)


class Desk:
    """One agent, who takes one item after another."""

    def __init__(self) -> None:
        self.roster, self.room = Roster([AgentSettings(ME, "", {"lang.el": 5})], 0.0), WaitingRoom()
        self.acd = Distributor.of(self.roster, self.room, {DESK.id: LONGEST_IDLE, PHONE.id: LONGEST_IDLE})

    def wait(self, item: WorkItemId, queue: QueueSettings, now: float, points: float = 0.0, until: float = inf) -> None:
        self.acd.entered(self.room.enter(item, queue, queue.requires, points, now, promised_at=until))

    def serve(self, now: float) -> list[WorkItemId]:
        """Take all that waits, each as soon as the one before is done."""
        me = self.roster[ME]
        me.reachable = True
        self.roster.apply(me, AgentEvent.LOG_IN, now)
        self.roster.apply(me, AgentEvent.READY, now)
        self.acd.agent_free(self.roster[ME])
        served = []
        while (choice := self.acd.next(now)) is not None:
            served.append(choice.place.item)
            self.room.leave(choice.place.item)
        return served


def test_a_ticket_waits_behind_older_calls_until_its_deadline() -> None:
    for now, order in ((50.0, ["c1", "t1", "c2"]), (51.0, ["t1", "c1", "c2"])):
        desk = Desk()
        desk.wait(CallId("c1"), PHONE, 10.0)
        desk.wait(TicketId("t1"), DESK, 20.0, until=51.0)
        desk.wait(CallId("c2"), PHONE, 30.0)
        assert desk.serve(now) == order


def test_a_ticket_counts_as_one_more_before_a_call() -> None:
    desk = Desk()
    desk.wait(TicketId("t1"), PHONE, 0.0)
    desk.wait(CallId("c1"), PHONE, 1.0)
    assert desk.room.position(CallId("c1"), 2.0) == 2 and desk.room.waiting_in(PHONE.id) == 2


Item = tuple[bool, bool, float, float, float]
items = st.tuples(
    st.booleans(), st.booleans(), st.sampled_from([0.0, 5.0, 90.0]), *[st.integers(0, 100).map(float)] * 2
)


@given(st.lists(items, max_size=12), st.sampled_from([100.0, 150.0, 1000.0]))
def test_every_kind_is_served_in_the_order_of_the_keys(waiting: list[Item], now: float) -> None:
    desk = Desk()
    for number, (is_ticket, at_the_desk, points, entered_at, deadline_s) in enumerate(waiting):
        item: WorkItemId = TicketId(f"t{number}") if is_ticket else CallId(f"c{number}")
        until = entered_at + deadline_s if is_ticket else inf
        desk.wait(item, DESK if at_the_desk else PHONE, entered_at, points, until)
    keys = {place.item: place.key(now) for place in desk.room}
    assert desk.serve(now) == sorted(keys, key=lambda item: keys[item])
