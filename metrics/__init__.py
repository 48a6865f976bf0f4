"""One formula per measure, the tracker that decides what counts, the fold that shows it. Pure: imports ``calls``."""

from .fold import NOTICES, WIRED, KeptFold, LineState
from .intervals import Calendar, Offset, offset_of
from .lives import Life
from .quiet import QuietRule, too_quiet
from .rows import PART_SUMS, STAY_SUMS, Amount, Part, Stay, Sum
from .tally import BOUNDS_S, AgentTally, CountingRules, Ledger, Period, Tally, Waits
from .tracker import Tracker

__all__ = [
    "BOUNDS_S",
    "NOTICES",
    "PART_SUMS",
    "STAY_SUMS",
    "WIRED",
    "AgentTally",
    "Amount",
    "Calendar",
    "CountingRules",
    "KeptFold",
    "Ledger",
    "Life",
    "LineState",
    "Offset",
    "Part",
    "Period",
    "QuietRule",
    "Stay",
    "Sum",
    "Tally",
    "Tracker",
    "Waits",
    "formulas",
    "offset_of",
    "too_quiet",
    "view",
]

from . import formulas, view
