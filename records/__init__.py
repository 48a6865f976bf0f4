"""The journal of the engine's steps, and the reporting tables that follow it."""

from .database import upgrade
from .health import Health
from .journal import Journal
from .queries import Reports
from .restored import Restored, Steps
from .state_codec import Decoded, StateCodec, Upgrade
from .steps import Gap, JournalError, Meta, Reader, Step
from .tailer import Tailer, TailerLag
from .wall import WallClock

__all__ = [
    "Decoded",
    "Gap",
    "Health",
    "Journal",
    "JournalError",
    "Meta",
    "Reader",
    "Reports",
    "Restored",
    "StateCodec",
    "Step",
    "Steps",
    "Tailer",
    "TailerLag",
    "Upgrade",
    "WallClock",
    "upgrade",
]
