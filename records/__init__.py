"""The journal of the engine's steps, and the reporting tables that follow it.

What needs SQLAlchemy (``database``, ``queries``, ``tailer``) is imported from its module: a line that takes its calls
over after a crash has no time to load it.
"""

from .health import Health
from .journal import Journal
from .lag import TailerLag
from .restored import Restored, Steps
from .state_codec import Decoded, StateCodec, Upgrade
from .steps import Gap, JournalError, Meta, Reader, Step
from .tailer_process import TailerProcess
from .wall import WallClock

__all__ = [
    "Decoded",
    "Gap",
    "Health",
    "Journal",
    "JournalError",
    "Meta",
    "Reader",
    "Restored",
    "StateCodec",
    "Step",
    "Steps",
    "TailerLag",
    "TailerProcess",
    "Upgrade",
    "WallClock",
]
