"""The live driver: a runner around the pure engine, and Asterisk nodes that it steers over AMI."""

from .clock import Clock, go_on
from .hep import Rejected, listen
from .lookups import Service
from .node import AsteriskNode
from .parts import NodeSettings
from .runner import Journal, Lag, NoJournal, Reader, Runner, RunnerSettings

__all__ = [
    "AsteriskNode",
    "Clock",
    "Journal",
    "Lag",
    "NoJournal",
    "NodeSettings",
    "Reader",
    "Rejected",
    "Runner",
    "RunnerSettings",
    "Service",
    "go_on",
    "listen",
]
