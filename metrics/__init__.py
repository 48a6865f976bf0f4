"""One formula per measure, and the fold of facts that feeds them. Pure: imports only ``calls``."""

from .fold import NOTICES, LineState
from .intervals import Calendar, Offset, offset_of
from .quiet import Traffic, too_quiet
from .tally import BOUNDS_S, AgentTally, Ledger, Period, Rules, Tally, Waits

__all__ = [
    "BOUNDS_S",
    "NOTICES",
    "AgentTally",
    "Calendar",
    "Ledger",
    "LineState",
    "Offset",
    "Period",
    "Rules",
    "Tally",
    "Traffic",
    "Waits",
    "formulas",
    "offset_of",
    "too_quiet",
    "view",
]

from . import formulas, view
