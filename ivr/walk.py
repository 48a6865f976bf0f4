"""The acts of a walk through the menus, its states, and its state table. Definitions only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from calls import Named, QueueId, Word
from calls.commands import Prompt


@dataclass(frozen=True, slots=True)
class Speak:
    """Say this; any key cuts it short."""

    prompts: tuple[Prompt, ...]


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait some seconds for a key, then tell ``silence``."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Quiet:
    """Stop what is being said: the caller types."""


@dataclass(frozen=True, slots=True)
class JoinQueue:
    """Join a queue. ``callback``: offer the caller a callback once they have their place."""

    queue: QueueId
    prompts: tuple[Prompt, ...] = ()
    callback: bool = False


@dataclass(frozen=True, slots=True)
class AskService:
    """Ask a service, and tell ``ANSWERED`` (after ``take_answer``) or, at the latest after ``within_s``, ``FAILED``."""

    name: str
    send: tuple[Named, ...]
    wanted: tuple[str, ...]
    within_s: float


@dataclass(frozen=True, slots=True)
class HoldMusic:
    """Play music until something else is heard."""


@dataclass(frozen=True, slots=True)
class RecordMessage:
    """Record the caller, then tell ``PROMPT_ENDED``."""

    box: str
    max_s: float


@dataclass(frozen=True, slots=True)
class Dial:
    target: str
    confidential: bool


@dataclass(frozen=True, slots=True)
class Leave:
    """Hang up: the menus have nothing more to say."""


Act = Speak | Quiet | Listen | AskService | HoldMusic | RecordMessage | JoinQueue | Dial | Leave
Acts = Sequence[Act]
"""What is to be done, in order; an act that leads out of the menus comes last."""


class WalkState(Word):
    """The states of a walk."""

    SAYING = "saying"
    ASKING = "asking"
    LISTENING = "listening"
    READING_BACK = "reading_back"
    CONFIRMING = "confirming"
    GREETING = "greeting"
    RECORDING = "recording"
    LOOKING = "looking"
    DIALLING = "dialling"
    ENDING = "ending"
    DONE = "done"


class Input(Word):
    """What can happen to a walk."""

    KEY = "key"
    PROMPT_ENDED = "prompt_ended"
    SILENCE = "silence"
    OVERDUE = "overdue"
    """The caller has pressed no key for too long: an agent takes the call."""
    NOT_ANSWERED = "not_answered"
    ANSWERED = "answered"
    FAILED = "failed"


Step = Literal[
    "ignore",
    "proceed",
    "skip",
    "answer",
    "early",
    "listen",
    "missed",
    "dial",
    "otherwise",
    "leave",
    "confirm",
    "await",
    "hold",
    "beep",
    "record",
    "give_up",
    "hurry",
]

TABLE: Final[dict[WalkState, dict[Input, Step]]] = {
    WalkState.SAYING: {Input.KEY: "skip", Input.PROMPT_ENDED: "proceed", Input.OVERDUE: "hurry"},
    WalkState.ASKING: {Input.KEY: "answer", Input.PROMPT_ENDED: "listen", Input.OVERDUE: "give_up"},
    WalkState.LISTENING: {Input.KEY: "answer", Input.SILENCE: "missed", Input.OVERDUE: "give_up"},
    WalkState.READING_BACK: {Input.KEY: "confirm", Input.PROMPT_ENDED: "await"},
    WalkState.CONFIRMING: {Input.KEY: "confirm", Input.SILENCE: "confirm"},
    WalkState.GREETING: {Input.KEY: "beep", Input.PROMPT_ENDED: "record"},
    WalkState.RECORDING: {Input.KEY: "ignore", Input.PROMPT_ENDED: "proceed"},
    WalkState.LOOKING: {
        Input.KEY: "ignore",
        Input.PROMPT_ENDED: "hold",
        Input.ANSWERED: "proceed",
        Input.FAILED: "otherwise",
        Input.OVERDUE: "hurry",
    },
    WalkState.DIALLING: {Input.KEY: "ignore", Input.PROMPT_ENDED: "dial", Input.NOT_ANSWERED: "otherwise"},
    WalkState.ENDING: {Input.KEY: "ignore", Input.PROMPT_ENDED: "leave"},
    WalkState.DONE: {},
}
"""``TABLE[state][input]``; an input not there is stale (a cut prompt's end, a late time-out) and changes nothing."""
