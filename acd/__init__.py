"""The distributor: joins agents and queues, one small file per routing policy. Knows calls, agents, queues."""

from .distributor import Distributor, KeptDistributor, Match
from .eligibility import Eligibility
from .handle_times import HandleTimes
from .policies import POLICIES, policy_of
from .policy import Policy
from .reasons import Reasons

__all__ = [
    "POLICIES",
    "Distributor",
    "Eligibility",
    "HandleTimes",
    "KeptDistributor",
    "Match",
    "Policy",
    "Reasons",
    "policy_of",
]
