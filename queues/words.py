"""What can be too much for a queue, and where a call goes then."""

from __future__ import annotations

from calls import Word


class OverflowTrigger(Word):
    """What can be too much for a queue."""

    LENGTH = "length"
    """Calls waiting in it."""
    LONGEST_WAIT = "longest_wait"
    """Seconds that its longest waiting call has waited, seen by a call that comes."""
    EXPECTED_WAIT = "expected_wait"
    """Seconds that a call that comes would have to wait."""
    WAITED = "waited"
    """Seconds a call has waited itself."""
    NOBODY = "nobody"
    """No agent who could ever take the call, however it relaxes, is logged in."""
    CLOSED = "closed"
    """The queue is outside its hours."""
    OFFERED = "offered"
    """No limit: the menus offer a callback to whoever comes. No rule of a queue has it."""


class OverflowAction(Word):
    """Where a call goes that cannot be kept."""

    QUEUE = "queue"
    """Another queue; it keeps the time it has waited."""
    MESSAGE = "message"
    """A prompt, then goodbye."""
    NUMBER = "number"
    """An outside number; where nobody answers it waits again."""
    CALLBACK = "callback"
    """The caller may hang up and is called back: the place stays where it is. A caller who declines goes on waiting."""
