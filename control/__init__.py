"""The door of a running line: who may stand in it, what its owner asks, callbacks in local time."""

from .doors import Crowd
from .promises import BadTime, Wall

__all__ = ["BadTime", "Crowd", "Wall"]
