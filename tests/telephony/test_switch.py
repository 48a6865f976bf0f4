"""What Asterisk is told for a command of the engine."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from calls import AgentId, CallId, OfferId
from calls import commands as c
from telephony.legs import Legs
from telephony.switch import ANSWER_BY_ITSELF, Switch

OFFER = OfferId("n1-o5-1")
PLAIN = [f"LINE_OFFER={OFFER}", "__FORWARD_CONTEXT=line-no-forward"]


class Recorder:
    """An AMI client that remembers and answers nothing."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def send(self, name: str, fields: dict[str, Any]) -> asyncio.Future[Any]:
        self.sent.append((name, fields))
        return asyncio.get_running_loop().create_future()


@pytest.mark.parametrize(("auto_answer", "more"), [(False, ()), (True, ANSWER_BY_ITSELF)])
async def test_a_phone_is_asked_to_answer_only_where_its_agent_wants_that(
    auto_answer: bool, more: tuple[str, ...]
) -> None:
    client = Recorder()
    switch = Switch(client, Legs(), lambda prompt, language: prompt.id, lambda event: None)  # type: ignore[arg-type]
    call, agent = CallId("n1-17.1"), AgentId("agent001")
    switch.carry_out(c.Ring(OFFER, call, agent, 20.0, "6941234567", "Insurance", auto_answer))
    [(name, fields)] = client.sent
    assert (name, fields["Channel"], fields["Variable"]) == ("Originate", "PJSIP/agent001", [*PLAIN, *more])


@pytest.mark.parametrize("variable", ANSWER_BY_ITSELF)
def test_asterisk_splits_no_header_at_a_comma(variable: str) -> None:
    """It splits a Variable at commas outside brackets."""
    function, value = variable.split(")=", 1)
    assert function.startswith("PJSIP_HEADER(add,") and "," not in value
