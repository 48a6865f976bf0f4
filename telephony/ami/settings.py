"""Settings of the AMI client: address, bounds; and its counters."""

from __future__ import annotations

from dataclasses import dataclass, field

HIDDEN_EVENTS = ("VarSet", "TestEvent", "Newexten", "NewConnectedLine", "NewCallerid")
"""Events that the driver does not read: 66 of the 91 of a bridged call (docs/asterisk.md)."""


@dataclass(frozen=True, slots=True)
class AmiSettings:
    """Durations in seconds (`_s`), sizes in bytes unless said. The user needs read and write `system,call,agi,...`."""

    host: str
    port: int
    username: str
    secret: str = field(repr=False)
    connect_timeout_s: float = 5.0
    """For the TCP connection, the greeting and the login together."""
    boot_timeout_s: float = 30.0
    """Seconds that a logged-in client waits for FullyBooted before it goes on without."""
    start_within_s: float = 0.0
    """Seconds for which the first connection is tried; 0: once."""
    action_timeout_s: float = 5.0
    ping_every_s: float = 5.0
    ping_timeout_s: float = 3.0
    backoff_s: tuple[float, float] = (0.2, 5.0)
    """First and longest pause between two attempts; it doubles, and each is shortened by up to a half at random."""
    max_pending: int = 10_000
    """Actions without an answer, and AGI commands without a result (each)."""
    max_line: int = 1022
    """Longest header we send, in bytes without its line end; Asterisk 22 refuses the action that has a longer one."""
    max_headers: int = 128
    """Most headers of one action, Action and ActionID included; Asterisk 22 refuses more."""
    max_message: int = 1 << 20
    """Longest message we take; a longer one is skipped, and counted."""
    max_unsent: int = 1 << 20
    """Most bytes that wait for a peer which does not read."""
    max_rows: int = 50_000
    """Most events in the answer of one listing."""
    hidden_events: tuple[str, ...] = ()
    """Events that Asterisk is asked, after each login, not to send: for an Asterisk whose manager.conf is not ours
    (ours filters there). Try HIDDEN_EVENTS; the user needs write `system`."""


@dataclass(slots=True)
class AmiCounters:
    """Totals since the client was made; they only grow."""

    events: int = 0
    """Given to `on_event`."""
    early: int = 0
    """Events before `on_up`: not given, since the snapshot that follows covers them."""
    actions: int = 0
    """Written to the connection."""
    refused: int = 0
    """Answered with an error, but for `gone`."""
    gone: int = 0
    """Orders to channels that ended while the order was on its way: no fault of anybody's."""
    timeouts: int = 0
    """Not answered in time, AGI commands included."""
    late: int = 0
    """Answers nobody waited for any more."""
    dropped: int = 0
    """Messages longer than `max_message`."""
    garbled: int = 0
    """Messages that are neither event nor response."""
    callback_errors: int = 0
    reconnects: int = 0
    """Logins after the first one."""
