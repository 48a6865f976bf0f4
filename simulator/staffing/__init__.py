"""How many seats and people: requirement per half hour for a target, and a shift plan that obeys labour rules."""

from .correction import Corrected, Simulate, Trust, corrected
from .requirements import HALF_HOUR_S, Offered, Requirement, SkillGroup, each_topic_and_language, required
from .targets import Target

__all__ = [
    "HALF_HOUR_S",
    "Corrected",
    "Offered",
    "Requirement",
    "Simulate",
    "SkillGroup",
    "Target",
    "Trust",
    "corrected",
    "each_topic_and_language",
    "required",
]
