"""Queues: waiting lines with their rules. Knows the vocabulary only."""

from .announcements import MinuteRange, WaitAnnouncements
from .limits import TriggeredRule, first_triggered
from .order import Key, OrderedPlaces, Place, WorkClass
from .room import KeptRoom, WaitingRoom
from .running import RunningMean
from .settings import OverflowRule, QueueSettings, Relax
from .shares import Pool, Share, share
from .wait_estimate import Forecast, Waiter, WaitEstimate, WaitEstimator
from .wait_formula import expected_wait_s
from .words import OverflowAction, OverflowTrigger

__all__ = [
    "Forecast",
    "KeptRoom",
    "Key",
    "MinuteRange",
    "OrderedPlaces",
    "OverflowAction",
    "OverflowRule",
    "OverflowTrigger",
    "Place",
    "Pool",
    "QueueSettings",
    "Relax",
    "RunningMean",
    "Share",
    "TriggeredRule",
    "WaitAnnouncements",
    "WaitEstimate",
    "WaitEstimator",
    "Waiter",
    "WaitingRoom",
    "WorkClass",
    "expected_wait_s",
    "first_triggered",
    "share",
]
