"""What the line refuses, and why: a closed set of ids that programs may act on, each with words for people.

The answer to a refused order is ``{"refused": {"id": ..., "message": ..., "details": {...}}}``; to a question that
cannot be read ``{"error": ...}`` of the same form. docs/control.md lists every id with its way out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

MOST_SAID: Final = 64
"""Characters of what somebody said that are repeated to them."""


class Refusal(StrEnum):
    """Why an order, or a question to follow the line, is not carried out. Nothing has changed."""

    ORDER_UNKNOWN = "order.unknown"
    ORDER_MALFORMED = "order.malformed"
    GIVER_MALFORMED = "giver.malformed"
    CALL_UNKNOWN = "call.unknown"
    CALL_NOT_WAITING = "call.not_waiting"
    CALL_AMBIGUOUS = "call.ambiguous"
    POINTS_OUT_OF_RANGE = "points.out_of_range"
    QUEUE_UNKNOWN = "queue.unknown"
    AGENT_UNKNOWN = "agent.unknown"
    AGENT_NOT_POSSIBLE = "agent.not_possible"
    ACTION_UNKNOWN = "action.unknown"
    REASON_UNKNOWN = "reason.unknown"
    BANNER_UNKNOWN = "banner.unknown"
    BANNER_UNCHANGED = "banner.unchanged"
    CALLBACKS_OFF = "callbacks.off"
    NUMBER_NOT_DIALLED = "number.not_dialled"
    NUMBER_PROMISED = "number.promised"
    LANGUAGE_UNKNOWN = "language.unknown"
    TIME_UNREADABLE = "time.unreadable"
    TIME_SKIPPED = "time.skipped"
    TIME_PAST = "time.past"
    TIME_TOO_FAR = "time.too_far"
    VERSION_BUSY = "version.busy"
    VERSION_NOT_TAKEN = "version.not_taken"
    ASTERISK_NOT_OURS = "asterisk.not_ours"
    PERSON_ON_THE_LINE = "person.on_the_line"
    JOURNAL_NOT_WRITTEN = "journal.not_written"
    FOLLOW_MALFORMED = "follow.malformed"
    FOLLOW_FULL = "follow.full"


class Fault(StrEnum):
    """Why a question has no answer: it cannot be read, or the line failed at it."""

    NOT_JSON = "question.not_json"
    NOT_AN_OBJECT = "question.not_an_object"
    TOO_LONG = "question.too_long"
    LATE = "question.late"
    FAILED = "line.failed"


@dataclass(frozen=True, slots=True)
class Told:
    """Why something was not done, as whoever asked is told. ``details``: JSON-ready, by name."""

    id: str
    message: str
    details: Mapping[str, Any]

    def plain(self) -> dict[str, Any]:
        """As it goes through the socket."""
        return {"id": self.id, "message": self.message, "details": dict(self.details)}


class OrderRefused(ValueError):
    """An order that cannot be followed; nothing has changed. The text says why, ``told`` has id and details too."""

    def __init__(self, refusal: Refusal, message: str, **details: Any) -> None:
        super().__init__(message)
        self.told = Told(refusal, message, details)

    @property
    def answer(self) -> dict[str, Any]:
        """The answer of the socket."""
        return {"refused": self.told.plain()}


def fault(kind: Fault, message: str, **details: Any) -> dict[str, Any]:
    """The answer of the socket to what is no question, or cannot be answered."""
    return {"error": Told(kind, message, details).plain()}


def found_in(answer: Mapping[str, Any]) -> Told | None:
    """Why the line did not do what it was asked; None: it did. A line of before told its refusals in words alone."""
    found = answer.get("refused") or answer.get("error")
    if not found:
        return None
    if isinstance(found, Mapping):
        return Told(str(found.get("id", "")), str(found.get("message", "")), found.get("details") or {})
    return Told("", str(found), {})


class NotDone(Exception):
    """The line did not do what it was asked; the text says why, ``answer`` is all of what it said."""

    def __init__(self, told: Told, answer: Mapping[str, Any]) -> None:
        super().__init__(told.message)
        self.told, self.answer = told, answer


def done(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, where the line did what it was asked. Raises ``NotDone``."""
    if (told := found_in(answer)) is not None:
        raise NotDone(told, answer)
    return answer


def said(text: str) -> str:
    """What somebody said, short and printable, to be repeated to them: it may be anything."""
    shown = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:MOST_SAID])
    return shown + ("..." if len(text) > MOST_SAID else "")
