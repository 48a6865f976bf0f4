"""The distributor: joins agents and queues, one small file per routing policy. Knows calls, agents, queues."""

from .distributor import Choice, Distributor, Reasons

__all__ = ["Choice", "Distributor", "Reasons"]
