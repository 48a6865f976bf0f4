"""The live driver: a real Asterisk over AMI in front of the pure engine."""

from .clock import Clock, go_on
from .driver import Driver, DriverSettings, Journal, Lag, NoJournal, Reader
from .lookups import Service

__all__ = ["Clock", "Driver", "DriverSettings", "Journal", "Lag", "NoJournal", "Reader", "Service", "go_on"]
