"""Queues: waiting lines with their rules. Knows the vocabulary only."""

from .limits import Broken, first_broken
from .order import Key, Ordered, Place
from .room import CallClass, WaitingRoom
from .running import RunningMean
from .settings import Overflow, QueueSettings, Relax
from .shares import Share, share
from .told import Minutes, Told
from .wait_estimate import Estimate, Forecast, Waiter, WaitEstimator
from .wait_formula import expected_wait_s
from .words import Limit, Way

__all__ = [
    "Broken",
    "CallClass",
    "Estimate",
    "Forecast",
    "Key",
    "Limit",
    "Minutes",
    "Ordered",
    "Overflow",
    "Place",
    "QueueSettings",
    "Relax",
    "RunningMean",
    "Share",
    "Told",
    "WaitEstimator",
    "Waiter",
    "WaitingRoom",
    "Way",
    "expected_wait_s",
    "first_broken",
    "share",
]
