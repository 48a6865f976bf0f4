"""What is played on a caller's channel. Each play has a number, and its end comes back with it."""

from __future__ import annotations

from calls import commands as c

from .call import Call, Recording
from .state import EngineState


def play(w: EngineState, call: Call, prompts: tuple[c.Prompt, ...], keys: str = "", *, last: bool = False) -> None:
    """Say something to the caller; its end comes back with this play's number."""
    number = _next(call, saying=True)
    w.tell(c.Play, call.id, number, prompts, call.work.language, keys, call.menus.version, last)


def record(w: EngineState, call: Call, box: str, max_s: float) -> None:
    """Record the caller; the end comes back with this play's number."""
    number = _next(call, saying=True)
    call.playback.recording = Recording(f"{box}/{call.id}-{number}", w.now)
    w.tell(c.Record, call.id, number, call.playback.recording.file, max_s)


def hush(w: EngineState, call: Call) -> None:
    """Make the end of the present play count no longer."""
    _next(call, saying=False)
    w.tell(c.Hush, call.id)


def music(w: EngineState, call: Call) -> None:
    """Play the music of the caller's queue; the present play is void."""
    _next(call, saying=False)
    w.tell(c.Music, call.id, w.queue(call.work).music)


def music_meanwhile(w: EngineState, call: Call) -> None:
    """Play music to a caller who is in no queue: that of the operators' queue."""
    w.tell(c.Music, call.id, w.settings.queues[call.menus.operator_queue].music)


def _next(call: Call, *, saying: bool) -> int:
    call.playback.number += 1
    call.playback.saying = saying
    return call.playback.number
