"""One formula per measure, the tracker that decides what counts, the fold that shows it. Pure: imports ``calls``."""

from .fold import NOTICES, LineState
from .intervals import Calendar, Offset, offset_of
from .quiet import Traffic, too_quiet
from .rows import PART_SUMS, STAY_SUMS, Part, Stay, Sum
from .tally import BOUNDS_S, AgentTally, Ledger, Period, Rules, Tally, Waits
from .tracker import Life, Tracker

__all__ = [
    "BOUNDS_S",
    "NOTICES",
    "PART_SUMS",
    "STAY_SUMS",
    "AgentTally",
    "Calendar",
    "Ledger",
    "Life",
    "LineState",
    "Offset",
    "Part",
    "Period",
    "Rules",
    "Stay",
    "Sum",
    "Tally",
    "Tracker",
    "Traffic",
    "Waits",
    "formulas",
    "offset_of",
    "too_quiet",
    "view",
]

from . import formulas, view
