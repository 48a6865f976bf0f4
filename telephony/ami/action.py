"""One action of ours: what may be written, its bytes, and when it counts as answered."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import count
from typing import Any, Final, TypeAlias

from .errors import AmiBusy, AmiError, refusal
from .message import AmiMessage
from .settings import AmiSettings

Fields: TypeAlias = Mapping[str, str | Sequence[str]]

NO_FIELDS: Final[Fields] = {}
OUR_IDS: Final = f"action/{uuid.uuid4()}/"
"""Beginning of the id of every action of this process."""
OURS: Final = frozenset({"action", "actionid"})
_NUMBERS = count(1)


class Pending:
    """An action that somebody waits for.

    Answered by its response; with `complete`, by the event of that name, and the events before it are `rows`.
    """

    __slots__ = ("complete", "deadline", "future", "id", "max_rows", "name", "rows", "wire")

    def __init__(
        self, name: str, fields: Fields, settings: AmiSettings, *, complete: str = "", max_rows: int = 0
    ) -> None:
        """Raises ValueError, with nothing made, for what Asterisk must not see or would not take."""
        self.id = new_id()
        self.name = name
        self.wire = wire(name, self.id, fields, settings)
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.complete = complete
        self.max_rows = max_rows
        self.rows: list[AmiMessage] = []
        self.deadline: asyncio.TimerHandle | None = None

    def response(self, message: AmiMessage) -> object | None:
        """The outcome that this response brings: the message, a refusal, or None where rows are still to come."""
        if message.get("Response") == "Error":
            return refusal(message.get("Message"))
        return None if self.complete else message

    def row(self, event: AmiMessage) -> object | None:
        """The outcome that this event brings to a listing, if any."""
        if event.name == self.complete:
            return self.rows
        self.rows.append(event)
        return AmiBusy(f"more than {self.max_rows} rows") if len(self.rows) > self.max_rows else None

    def settle(self, outcome: object) -> None:
        """Give the future its result or its error. Whoever does not look at an error is not complained about."""
        if self.deadline is not None:
            self.deadline.cancel()
        settle(self.future, outcome)


def settle(future: asyncio.Future[Any], outcome: object) -> None:
    """An AmiError fails it, all else is its result. Nothing happens to one that is done: cancelled, or too late."""
    if future.done():
        return
    if isinstance(outcome, AmiError):
        future.set_exception(outcome)
        future.exception()  # marks it as seen: it is counted, and `send` allows nobody to wait for it
    else:
        future.set_result(outcome)


def new_id() -> str:
    """Make the id of one more action."""
    return f"{OUR_IDS}{next(_NUMBERS)}"


def wire(name: str, number: str, fields: Fields, settings: AmiSettings) -> bytes:
    """The bytes of one action. Raises ValueError for what Asterisk must not see (line ends) or would not take."""
    lines = [f"Action: {name}", f"ActionID: {number}"]
    for key, value in fields.items():
        _check_header(key)
        if isinstance(value, str):
            lines.append(f"{key}: {value}")
        else:
            lines += [f"{key}: {one}" for one in value]
    if name.lower() == "originate":
        _make_asynchronous(fields, lines)
    text = "\r\n".join(lines)
    ends = len(lines) - 1
    if text.count("\r") != ends or text.count("\n") != ends or "\0" in text:
        raise ValueError(f"a line end in an action {name!r}")
    if ends + 1 > settings.max_headers:
        raise ValueError(f"{name} has more than {settings.max_headers} headers")
    data = text.encode()
    if len(data) > settings.max_line and max(len(line.encode()) for line in lines) > settings.max_line:
        raise ValueError(f"a header of {name} has more than {settings.max_line} bytes")
    return data + b"\r\n\r\n"


@lru_cache(maxsize=256)
def _check_header(key: str) -> None:
    if not key or not key.isprintable() or ":" in key or key.lower() in OURS:
        raise ValueError(f"not the name of a header: {key!r}")


def _make_asynchronous(fields: Fields, lines: list[str]) -> None:
    """A synchronous Originate would hold every other action back until the phone is answered."""
    asked = [value for key, value in fields.items() if key.lower() == "async"]
    if any(value != "true" for value in asked):
        raise ValueError("Originate must be asynchronous")
    if not asked:
        lines.append("Async: true")
