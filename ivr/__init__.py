"""The menus: what they are and how a caller walks them. Knows the vocabulary only; ``ivr.loader`` reads the YAML."""

from .calendar import Hours, Term, Zone
from .model import (
    Choice,
    CommonKeys,
    CommonPrompts,
    DialOut,
    Enqueue,
    Entry,
    Goodbye,
    Menu,
    Menus,
    Node,
    NodeId,
    Say,
)
from .outside import CALM, Fixed, Outside, QueueLook
from .session import ALL_KEYS, TABLE, Act, Dial, Input, JoinQueue, Leave, Listen, Session, Speak, Walk

__all__ = [
    "ALL_KEYS",
    "CALM",
    "TABLE",
    "Act",
    "Choice",
    "CommonKeys",
    "CommonPrompts",
    "Dial",
    "DialOut",
    "Enqueue",
    "Entry",
    "Fixed",
    "Goodbye",
    "Hours",
    "Input",
    "JoinQueue",
    "Leave",
    "Listen",
    "Menu",
    "Menus",
    "Node",
    "NodeId",
    "Outside",
    "QueueLook",
    "Say",
    "Session",
    "Speak",
    "Term",
    "Walk",
    "Zone",
]
