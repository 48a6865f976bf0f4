"""The Asterisk Manager Interface through panoramisk, behind a fence of ours: see client.py."""

from .agi import AgiResult
from .client import AmiClient
from .errors import (
    AgiEnded,
    AmiBusy,
    AmiDisconnected,
    AmiError,
    AmiGone,
    AmiLoginFailed,
    AmiRefused,
    AmiTimeout,
    AmiUnreachable,
)
from .message import AmiMessage
from .settings import HIDDEN_EVENTS, AmiCounters, AmiSettings

__all__ = [
    "HIDDEN_EVENTS",
    "AgiEnded",
    "AgiResult",
    "AmiBusy",
    "AmiClient",
    "AmiCounters",
    "AmiDisconnected",
    "AmiError",
    "AmiGone",
    "AmiLoginFailed",
    "AmiMessage",
    "AmiRefused",
    "AmiSettings",
    "AmiTimeout",
    "AmiUnreachable",
]
