"""One key pressed is one key, whatever a phone sends for it and however often Asterisk tells of it. Pure.

``DTMFEnd`` is not a key (Asterisk 22.10, main/channel.c). An end that Asterisk puts back, because the key before it is
not long enough ago, is told again when it is read again; a phone whose end packets have timestamps of their own is told
once for each; and a phone may send the same key by RFC 4733 and by SIP INFO. But only a key by RFC 4733 has a
``DTMFBegin``, one for each press. So where a channel has shown one, an end without a begin is an echo of the press just
counted. Where it has not (SIP INFO alone), each end is a press.

Times are seconds on any one scale.
"""

from __future__ import annotations

from dataclasses import dataclass

ECHO_S = 1.0
"""The same press told again is no later than this: by INFO behind a slow proxy, or read again after the last key."""
UNSEEN_S = 0.2
"""A key that was down for so much longer than its begin tells began before: a gap in the packets of one press."""


@dataclass(slots=True)
class _Press:
    """The press that was counted last."""

    key: str
    ended_at: float
    told_at: float
    by_packets: bool


@dataclass(slots=True)
class Keys:
    """One channel's keys."""

    _down: str = ""
    _down_at: float = 0.0
    _packets: bool = False
    _last: _Press | None = None

    def begins(self, key: str, at: float) -> None:
        """``DTMFBegin``."""
        self._down, self._down_at, self._packets = key, at, True

    def ends(self, key: str, lasted_s: float, at: float) -> bool:
        """``DTMFEnd``: whether it is a press of its own. ``lasted_s``: how long the key was down, as Asterisk tells."""
        begun = self._down == key
        if begun:
            self._down = ""
        last = self._last
        if last is not None and last.key == key and self._is_echo(last, begun, lasted_s, at):
            last.told_at, last.by_packets = at, last.by_packets or begun
            return False
        self._last = _Press(key, at, at, begun)
        return True

    def _is_echo(self, last: _Press, begun: bool, lasted_s: float, at: float) -> bool:
        if not begun:
            return self._packets and (at - last.told_at <= ECHO_S or at - lasted_s <= last.told_at)
        if not last.by_packets:
            return self._down_at - last.told_at <= ECHO_S  # INFO was faster
        unseen_s = lasted_s - (at - self._down_at)
        return unseen_s > UNSEEN_S and at - lasted_s <= last.ended_at
