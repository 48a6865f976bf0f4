"""Real SIP: agents' phones, citizens who call, odd phones, and a demo that mixes them."""

from .child import PhonesError
from .citizens import HOSTILE, CallRecord, Identity, Results, SippCallers, SippGroup, TimedCaller, keys
from .demo import Demo
from .farm import Farm
from .news import PhoneEvent, PhoneEventKind
from .oddphones import OddPhone
from .phone import Phone, PhoneCall
from .scenario import Dtmf, Odd, Press
from .scripted import Manners, Scripted
from .seat import Behaviour, RingReaction

__all__ = [
    "HOSTILE",
    "Behaviour",
    "CallRecord",
    "Demo",
    "Dtmf",
    "Farm",
    "Identity",
    "Manners",
    "Odd",
    "OddPhone",
    "Phone",
    "PhoneCall",
    "PhoneEvent",
    "PhoneEventKind",
    "PhonesError",
    "Press",
    "Results",
    "RingReaction",
    "Scripted",
    "SippCallers",
    "SippGroup",
    "TimedCaller",
    "keys",
]
