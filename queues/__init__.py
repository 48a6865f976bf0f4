"""Queues: waiting lines with their rules. Knows the vocabulary only."""

from .estimate import HandleTime
from .room import Key, Place, WaitingRoom
from .settings import QueueSettings
from .shares import Share, share
from .told import Minutes, Told
from .wait_estimate import Estimate, Forecast, Waiter, WaitEstimator
from .wait_formula import expected_wait_s

__all__ = [
    "Estimate",
    "Forecast",
    "HandleTime",
    "Key",
    "Minutes",
    "Place",
    "QueueSettings",
    "Share",
    "Told",
    "WaitEstimator",
    "Waiter",
    "WaitingRoom",
    "expected_wait_s",
    "share",
]
