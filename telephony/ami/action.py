"""One action of ours: what may be written, its bytes, and when it counts as answered."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from panoramisk.actions import Action

from .errors import AmiBusy, AmiError, AmiRefused
from .message import AmiMessage
from .settings import AmiSettings

Fields: TypeAlias = Mapping[str, str | Sequence[str]]

NO_FIELDS: Fields = {}
OUR_IDS = f"action/{Action.action_id_generator.uid}/"
"""Beginning of the id of every action of this process."""
OURS = frozenset({"action", "actionid"})
LINE_ENDS = ("\r", "\n", "\0")


class Pending(Action):  # type: ignore[misc]  # panoramisk is untyped
    """panoramisk's action (id, future, wire text) without its guess, from the English of a response, at what follows.

    Answered by its response; with `complete`, by the event of that name, and the events before it are `rows`.
    """

    def __init__(self, name: str, fields: Fields, *, complete: str = "", max_rows: int = 0) -> None:
        super().__init__({"Action": name, **_checked(name, fields)})
        self.future: asyncio.Future[Any]
        self.complete = complete
        self.max_rows = max_rows
        self.rows: list[AmiMessage] = []
        self.deadline: asyncio.TimerHandle | None = None

    def wire(self, settings: AmiSettings) -> bytes:
        """Raises ValueError for what Asterisk would not take: too long a header, or too many."""
        lines = [line.encode() for line in str(self).split("\r\n")]
        if max(map(len, lines)) > settings.max_line:
            raise ValueError(f"a header of {self['action']} has more than {settings.max_line} bytes")
        if len(lines) - 2 > settings.max_headers:
            raise ValueError(f"{self['action']} has more than {settings.max_headers} headers")
        return b"\r\n".join(lines)

    def response(self, message: AmiMessage) -> object | None:
        """The outcome that this response brings: the message, a refusal, or None where rows are still to come."""
        if message.get("Response") == "Error":
            return AmiRefused(message.get("Message"))
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


def _checked(name: str, fields: Fields) -> dict[str, str | tuple[str, ...]]:
    checked = {_header(key): value if isinstance(value, str) else tuple(value) for key, value in fields.items()}
    for text in (name, *_values(checked)):
        if any(end in text for end in LINE_ENDS):
            raise ValueError(f"a line end in an action {name!r}")
    if name.lower() == "originate":
        _force_async(checked)
    return checked


def _values(fields: Fields) -> Iterator[str]:
    for value in fields.values():
        yield from (value,) if isinstance(value, str) else value


def _header(key: str) -> str:
    if not key or not key.isprintable() or ":" in key or key.lower() in OURS:
        raise ValueError(f"not the name of a header: {key!r}")
    return key


def _force_async(fields: dict[str, str | tuple[str, ...]]) -> None:
    """A synchronous Originate would hold every other action back until the phone is answered."""
    asked = [value for key, value in fields.items() if key.lower() == "async"]
    if any(value != "true" for value in asked):
        raise ValueError("Originate must be asynchronous")
    if not asked:
        fields["Async"] = "true"
