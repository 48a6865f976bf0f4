"""A call's next step: a closed set of values that rooms return, so that no room has to know another.

``stages.NEXT`` maps each to the function that carries it out.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from calls import AgentId, QueueId
from calls.commands import Prompt
from ivr import Input

from .kept_place import KeptPlace

MESSAGE_S: Final = 120.0
"""Longest time (s) of a message that is followed by goodbye and hanging up."""


class Join(NamedTuple):
    """Join this queue. ``callback``: the menus offer one. ``first``: the colleague who is offered the call first.

    ``kept``: the place that the caller has already.
    """

    queue: QueueId
    prompts: tuple[Prompt, ...] = ()
    callback: bool = False
    first: AgentId | None = None
    kept: KeptPlace | None = None


class OfferTo(NamedTuple):
    """Ring this agent for the waiting call, if they can be rung."""

    agent: AgentId


class LastWords(NamedTuple):
    """Say this and hang up. ``within_s``: longest time that it takes."""

    prompts: tuple[Prompt, ...]
    within_s: float


class Goodbye(NamedTuple):
    """Say goodbye and hang up."""


class HangUp(NamedTuple):
    """End the caller's channel."""


class SendOut(NamedTuple):
    """Transfer to an outside number. ``confidential``: no fact names it."""

    target: str
    confidential: bool = False


class WalkOn(NamedTuple):
    """Go on in the menus with this input."""

    happened: Input


class AfterTalk(NamedTuple):
    """The conversation is over and the caller is still there: the survey, or goodbye."""


class CallCitizen(NamedTuple):
    """Ring the citizen: an agent has the callback."""


Next = Join | OfferTo | LastWords | Goodbye | HangUp | SendOut | WalkOn | AfterTalk | CallCitizen
