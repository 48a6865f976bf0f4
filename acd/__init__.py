"""The distributor: joins agents and queues, one small file per routing policy. Knows calls, agents, queues."""

from .distributor import Choice, Distributor
from .figures import Figures
from .floor import Floor
from .policies import POLICIES, policy_of
from .policy import Policy
from .reasons import Reasons

__all__ = ["POLICIES", "Choice", "Distributor", "Figures", "Floor", "Policy", "Reasons", "policy_of"]
