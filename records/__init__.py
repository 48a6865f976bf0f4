"""What is kept: the journal of the engine's steps, and the reporting tables that follow it."""

from .journal import Health, Journal, Restored
from .steps import Gap, JournalError, Meta, Reader, Step

__all__ = ["Gap", "Health", "Journal", "JournalError", "Meta", "Reader", "Restored", "Step"]
