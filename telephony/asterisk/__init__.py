"""The private Asterisk: its settings, its files, its process. Knows nothing of calls; the live driver does."""

from .descriptors import TooFewDescriptorsError
from .found import FoundAsterisk, find
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
    AdmissionLimits,
    AsteriskSettings,
    AsteriskSettingsError,
    EntryNumber,
    Language,
    Member,
    Network,
    ShortCode,
    Survivable,
    SurvivablePrompts,
    SurvivableQueue,
    SurvivableTopic,
    check,
)

__all__ = [
    "AdmissionLimits",
    "Asterisk",
    "AsteriskError",
    "AsteriskMissingError",
    "AsteriskSettings",
    "AsteriskSettingsError",
    "EntryNumber",
    "FoundAsterisk",
    "Language",
    "Launch",
    "Member",
    "Network",
    "PortInUseError",
    "Secrets",
    "ShortCode",
    "Survivable",
    "SurvivablePrompts",
    "SurvivableQueue",
    "SurvivableTopic",
    "TooFewDescriptorsError",
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
