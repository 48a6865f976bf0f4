"""The distributor: joins agents and queues, one small file per routing policy. Knows calls, agents, queues."""

from .ahead import ahead_of
from .distributor import Distributor, KeptDistributor, Match
from .eligibility import Eligibility
from .handle_times import HandleTimes
from .link import Link
from .policies import POLICIES, policy_of
from .policy import Policy
from .reasons import Reasons

__all__ = [
    "POLICIES",
    "Distributor",
    "Eligibility",
    "HandleTimes",
    "KeptDistributor",
    "Link",
    "Match",
    "Policy",
    "Reasons",
    "ahead_of",
    "policy_of",
]
