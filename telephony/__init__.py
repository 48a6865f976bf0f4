"""The live driver: a real Asterisk over AMI in front of the pure engine."""

from .clock import Clock, go_on
from .driver import Driver, DriverLag, DriverSettings, Journal, NoJournal, Reader
from .hep import Rejected, listen
from .lookups import Service

__all__ = [
    "Clock",
    "Driver",
    "DriverLag",
    "DriverSettings",
    "Journal",
    "NoJournal",
    "Reader",
    "Rejected",
    "Service",
    "go_on",
    "listen",
]
