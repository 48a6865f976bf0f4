"""What a call of a queue asks of an agent."""

from __future__ import annotations

from calls import Need, QueueId, expression, requirement
from queues import QueueSettings


def test_the_language_comes_on_top() -> None:
    queue = QueueSettings(QueueId("q"), "Q", requirement(Need("topic.pensions", 3)))
    assert expression(queue.needs("en")) == "lang.en>=1 and topic.pensions>=3"


def test_a_queue_may_ask_more_of_the_language() -> None:
    queue = QueueSettings(QueueId("q"), "Q", requirement(Need("lang.en", 4)))
    assert queue.needs("en") == requirement(Need("lang.en", 4))
