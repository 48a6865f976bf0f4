"""The closed vocabularies: every state, result and way out has one name here and nowhere else."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Word(StrEnum):
    """A word of a closed vocabulary. It is looked up as the string that it is: an enum's own hash is a function in
    Python, called at each look-up."""

    __hash__ = str.__hash__


class CallStage(Word):
    """Where a call stands. The table of moves is ``engine/stages.py``."""

    MENU = "menu"
    WAITING = "waiting"
    CONNECTING = "connecting"
    TALKING = "talking"
    TRANSFERRING = "transferring"
    LEAVING = "leaving"
    PROMISED = "promised"
    """A callback: the line will dial the citizen when their turn comes. No channel yet."""
    DIALLING = "dialling"
    """An agent has the callback and the citizen's phone is being rung."""


class Outcome(Word):
    """How a call ended, seen from the line. Exactly one per call."""

    HANDLED = "handled"
    ABANDONED = "abandoned"
    LEFT_IN_MENU = "left_in_menu"
    INFORMED = "informed"
    TRANSFERRED = "transferred"
    OVERFLOWED = "overflowed"
    REFUSED = "refused"
    SURVIVED = "survived"
    LOST = "lost"
    UNREACHED = "unreached"
    """A callback that was given up: the citizen could not be reached."""


class Party(Word):
    """The side that ended a conversation or a call."""

    CALLER = "caller"
    AGENT = "agent"
    LINE = "line"
    UNKNOWN = "unknown"
    LOST_MEDIA = "lost_media"
    """Nobody hung up: a phone stopped answering, or sent no sound for longer than the site allows."""


class OfferResult(Word):
    """How an offer of one call to one agent ended."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    UNREACHABLE: Final = "unreachable"
    REDIRECTED = "redirected"
    FAILED = "failed"
    """The line itself could not ring: nothing against the phone or its agent."""
    NO_CHANNEL = "no_channel"
    """In events only: the switch made no channel. The engine knows whether the phone was away or the line failed."""
    WITHDRAWN = "withdrawn"


class AgentState(Word):
    """What an agent is doing. The table of moves is ``agents/state.py``."""

    LOGGED_OUT = "logged_out"
    NOT_READY = "not_ready"
    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"


class AgentAction(Word):
    """What an agent may ask for, by feature code or from a desk."""

    LOG_IN = "log_in"
    LOG_OUT = "log_out"
    READY = "ready"
    NOT_READY = "not_ready"
    END_WRAP_UP = "end_wrap_up"


class NotReady:
    """Not-ready reasons the line itself gives; agents have their own, from the settings."""

    LOGIN: Final = "login"
    RONA: Final = "rona"
    PHONE: Final = "phone"
    ASKED: Final = "asked"
    UNREACHABLE: Final = "unreachable"
    """The phone cannot be reached, or an offer did not reach it; who is ready again once it is back."""
    PHONE_BACK: Final = "phone_back"
    """The phone is back after so long that its agent has to say they are ready."""


class Attribute(Word):
    """What the menus find out about a caller."""

    LANGUAGE = "language"
    TOPIC = "topic"
    ROLE = "role"
    NOTICE = "notice"
    """The version of the privacy notice that the caller has asked to hear."""
