"""The nodes of the menus, one file for each type. ``NODES`` has them all: a new type is a file and a line here."""

from typing import Final

from .banner import Banner
from .base import Menus, Node, Walk
from .branch import Branch, Case
from .collect import Collect
from .dial_out import DialOut
from .enqueue import Enqueue
from .fragment import Fragment
from .goodbye import Goodbye
from .lookup import SOURCES, Lookup
from .menu import Choice, Menu
from .return_ import Return
from .say import Say
from .survey import Survey
from .voicemail import BEEP, Voicemail

NODES: Final[tuple[type[Node], ...]] = (
    Menu,
    Collect,
    Survey,
    Say,
    Branch,
    Banner,
    Lookup,
    Fragment,
    Return,
    Enqueue,
    DialOut,
    Voicemail,
    Goodbye,
)
"""All types: those that ask or say, those that decide, those that lead out of the menus."""

FOLLOW_CALLS: Final[tuple[type[Node], ...]] = (Banner, Branch, Goodbye, Say, Survey)
"""The types that may follow a conversation."""
LAST_WORDS: Final[tuple[type[Node], ...]] = (Goodbye, Survey)
"""The line's last words: if one cannot be said, the call is over."""

__all__ = [
    "BEEP",
    "FOLLOW_CALLS",
    "LAST_WORDS",
    "NODES",
    "SOURCES",
    "Banner",
    "Branch",
    "Case",
    "Choice",
    "Collect",
    "DialOut",
    "Enqueue",
    "Fragment",
    "Goodbye",
    "Lookup",
    "Menu",
    "Menus",
    "Node",
    "Return",
    "Say",
    "Survey",
    "Voicemail",
    "Walk",
]
