"""The menus: what they are and how a caller walks them. Knows the vocabulary only; ``ivr.loader`` reads the YAML."""

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
from .session import ALL_KEYS, TABLE, Act, Dial, Input, JoinQueue, Leave, Listen, Session, Speak, Walk

__all__ = [
    "ALL_KEYS",
    "TABLE",
    "Act",
    "Choice",
    "CommonKeys",
    "CommonPrompts",
    "Dial",
    "DialOut",
    "Enqueue",
    "Entry",
    "Goodbye",
    "Input",
    "JoinQueue",
    "Leave",
    "Listen",
    "Menu",
    "Menus",
    "Node",
    "NodeId",
    "Say",
    "Session",
    "Speak",
    "Walk",
]
