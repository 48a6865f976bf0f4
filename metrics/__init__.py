"""One formula per measure, and the fold of facts that feeds them. Pure: imports only ``calls``."""

from .fold import LineState
from .intervals import Calendar, Offset, offset_of
from .tally import BOUNDS_S, AgentTally, Ledger, Period, Rules, Tally, Waits

__all__ = [
    "BOUNDS_S",
    "AgentTally",
    "Calendar",
    "Ledger",
    "LineState",
    "Offset",
    "Period",
    "Rules",
    "Tally",
    "Waits",
    "formulas",
    "offset_of",
    "view",
]

from . import formulas, view
