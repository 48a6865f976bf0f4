"""Queues: waiting lines with their rules. Knows the vocabulary only."""

from .estimate import HandleTime
from .room import Key, Place, WaitingRoom
from .settings import QueueSettings

__all__ = ["HandleTime", "Key", "Place", "QueueSettings", "WaitingRoom"]
