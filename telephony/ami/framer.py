"""Cuts the bytes of an AMI connection into messages. No I/O: bytes in, texts out; whatever the cut, the same texts.

Text is decoded by whole messages, so a letter may be split between two reads. What is not UTF-8 becomes U+FFFD.
"""

from __future__ import annotations

from typing import NoReturn

END = b"\r\n\r\n"
GREETING = b"Asterisk Call Manager/"
MAX_GREETING = 128


class NotAmi(Exception):
    """The peer's first line is not AMI's greeting."""


class Framer:
    """Holds at most `max_message` bytes and one read."""

    def __init__(self, max_message: int) -> None:
        self._max = max_message
        self._buffer = bytearray()
        self._searched = 0
        self._skipping = False
        self.version = ""
        """Version of the protocol, from the greeting; empty until that has come."""
        self.dropped = 0
        """Messages skipped for their length."""

    def __len__(self) -> int:
        """Bytes held back because their message is not complete."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[str]:
        """Every message completed by `data`, in order. Raises NotAmi before the first message only."""
        self._buffer += data
        if not self.version and not self._greeted():
            return []
        found = self._buffer.find(END, max(0, self._searched - len(END) + 1)) >= 0
        texts = self._take() if found else []
        self._searched = len(self._buffer)
        self._bound()
        return texts

    def _greeted(self) -> bool:
        if not self._buffer.startswith(GREETING[: len(self._buffer)]):
            self._refuse()
        line, end, _ = self._buffer.partition(b"\r\n")
        if len(line) > MAX_GREETING:
            self._refuse()
        if not end:
            return False
        self.version = line[len(GREETING) :].decode("ascii", "replace") or "?"
        del self._buffer[: len(line) + len(end)]
        return True

    def _refuse(self) -> NoReturn:
        self._buffer.clear()
        raise NotAmi

    def _take(self) -> list[str]:
        *whole, tail = bytes(self._buffer).split(END)
        self._buffer[:] = tail
        if self._skipping:
            self._skipping = False
            del whole[0]
        kept = [text for text in whole if len(text) <= self._max]
        self.dropped += len(whole) - len(kept)
        return [text.decode("utf-8", "replace") for text in kept]

    def _bound(self) -> None:
        """Too long a message: forget it, but for the bytes in which its end could begin."""
        if len(self._buffer) > self._max + len(END):
            self.dropped += not self._skipping
            self._skipping = True
            del self._buffer[: -len(END) + 1]
            self._searched = len(self._buffer)
