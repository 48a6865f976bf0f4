"""How many seats and people: requirement per half hour for a target, and a shift plan that obeys labour rules."""

from .correction import Corrected, Simulate, Trust, corrected
from .plan import PlannedBreak, PlannedPerson, PlannedShift, ShiftPlan, covered
from .programme import Costs
from .requirements import HALF_HOUR_S, Offered, Requirement, SkillGroup, each_topic_and_language, required
from .rules import LabourRules
from .shifts import BreakRule, ShiftSettings, plan_shifts
from .targets import StaffingTarget
from .violations import Violation, violations

__all__ = [
    "HALF_HOUR_S",
    "BreakRule",
    "Corrected",
    "Costs",
    "LabourRules",
    "Offered",
    "PlannedBreak",
    "PlannedPerson",
    "PlannedShift",
    "Requirement",
    "ShiftPlan",
    "ShiftSettings",
    "Simulate",
    "SkillGroup",
    "StaffingTarget",
    "Trust",
    "Violation",
    "corrected",
    "covered",
    "each_topic_and_language",
    "plan_shifts",
    "required",
    "violations",
]
