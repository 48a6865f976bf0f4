"""The nodes of the menus, one file for each type."""

from .banner import Banner
from .base import Menus, Node, Silent
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

__all__ = [
    "BEEP",
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
    "Silent",
    "Survey",
    "Voicemail",
]
