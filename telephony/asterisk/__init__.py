"""The private Asterisk: its settings, its files, its process. Knows nothing of calls; the live driver does."""

from .descriptors import TooFewDescriptorsError
from .found import Found, find
from .process import (
    Asterisk,
    AsteriskError,
    PortInUseError,
    check_ports,
    end_left_behind,
    private_asterisk,
    start,
)
from .render import AsteriskMissingError, Launch, read_launch, render
from .secrets import Secrets, keep_secrets
from .settings import (
    AsteriskSettings,
    AsteriskSettingsError,
    Door,
    EntryNumber,
    Language,
    Member,
    Network,
    Prompts,
    ShortCode,
    Survivable,
    SurvivableQueue,
    Topic,
    check,
)

__all__ = [
    "Asterisk",
    "AsteriskError",
    "AsteriskMissingError",
    "AsteriskSettings",
    "AsteriskSettingsError",
    "Door",
    "EntryNumber",
    "Found",
    "Language",
    "Launch",
    "Member",
    "Network",
    "PortInUseError",
    "Prompts",
    "Secrets",
    "ShortCode",
    "Survivable",
    "SurvivableQueue",
    "TooFewDescriptorsError",
    "Topic",
    "check",
    "check_ports",
    "end_left_behind",
    "find",
    "keep_secrets",
    "private_asterisk",
    "read_launch",
    "render",
    "start",
]
