"""One AMI message, read-only. panoramisk splits the lines; the headers are kept here, safe to ask and to print."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias
from urllib.parse import unquote

from panoramisk.message import Message

Headers: TypeAlias = Mapping[str, str | list[str]]

EVENT = "Event: "
"""What Asterisk begins every event with."""
ID = "\r\nActionID: "
QUOTED = "Result"
"""The header whose value is URL-encoded, as panoramisk knows."""


class _Lines(Message):  # type: ignore[misc]  # panoramisk is untyped
    """panoramisk's parser without its dictionary, which replaces a header named Content by an empty string."""

    def __init__(self, headers: Headers, content: str = "") -> None:
        self.headers = {**headers, "Content": content} if content else headers


class AmiMessage:
    """An event or a response. Names of headers are case-insensitive; a missing header is the empty string.

    `Result` is URL-decoded already. Of a repeated header `get` is the first: a later one may come from user data.
    An event is only split into headers where one is asked for that stands there in other letters: mostly two or three
    of twenty are of interest.
    """

    __slots__ = ("_known", "_text", "action_id", "name")

    def __init__(self, headers: Headers) -> None:
        self._text = ""
        self._known: dict[str, tuple[str, ...]] | None = _folded(headers)
        self.name = self.get("Event")
        """Name of the event; empty for a response."""
        self.action_id = self.get("ActionID")
        """The action that this answers; empty for an event that answers none."""

    @classmethod
    def parse(cls, text: str) -> AmiMessage | None:
        """`text` is one message without its closing empty line; None where it is neither event nor response."""
        if text.startswith(EVENT):
            return cls._event(text)
        lines = _Lines.from_line(text)
        return None if lines is None else cls(lines.headers)

    @classmethod
    def _event(cls, text: str) -> AmiMessage:
        message = cls.__new__(cls)
        message._text, message._known = f"\r\n{text}", None  # so that the first header is found like all others
        message.name = text[len(EVENT) :].partition("\r\n")[0]
        message.action_id = text.partition(ID)[2].partition("\r\n")[0] if ID in text else ""
        return message

    @property
    def _headers(self) -> dict[str, tuple[str, ...]]:
        known = self._known
        if known is None:
            known = self._known = _folded(_Lines.from_line(self._text).headers)
        return known

    @property
    def is_response(self) -> bool:
        # Not by `Response`: the event OriginateResponse carries that header as well.
        return not self.name and "event" not in self._headers

    @property
    def ok(self) -> bool:
        """Tell whether a response means success."""
        return self.get("Response") in ("Success", "Goodbye")

    def get(self, header: str) -> str:
        """The first value of a header; empty where it is missing."""
        if self._known is None:
            _, found, rest = self._text.partition(f"\r\n{header}: ")
            if found:
                value = rest.partition("\r\n")[0]
                return unquote(value).strip() if header == QUOTED else value
            if f"\r\n{header}: ".lower() not in self._text.lower():
                return ""
        values = self._headers.get(header.lower())
        return values[0] if values else ""

    def all(self, header: str) -> tuple[str, ...]:
        """Each value of a repeated header, in order."""
        return self._headers.get(header.lower(), ())

    def headers(self) -> Mapping[str, tuple[str, ...]]:
        """Every header by its name in lower case (a copy)."""
        return dict(self._headers)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AmiMessage) and self._headers == other._headers

    def __hash__(self) -> int:
        return hash(tuple(self._headers.items()))

    def __repr__(self) -> str:
        # Values are left out: they hold callers' numbers, and a repr ends in a log sooner or later.
        return f"<AmiMessage {self.name or self.get('Response')}: {', '.join(self._headers)}>"


def _folded(headers: Headers) -> dict[str, tuple[str, ...]]:
    folded: dict[str, tuple[str, ...]] = {}
    for name, value in headers.items():
        key, values = name.lower(), (value,) if value.__class__ is str else tuple(value)
        folded[key] = folded[key] + values if key in folded else values
    return folded
