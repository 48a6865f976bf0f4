"""The door of a running line: who may stand in it, what its owner asks, callbacks in local time."""

from .callback_requests import BadTime, SiteClock
from .doors import Crowd

__all__ = ["BadTime", "Crowd", "SiteClock"]
