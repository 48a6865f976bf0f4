"""Real SIP: agents' phones, citizens who call, odd phones, and a demo that mixes them."""

from .child import PhonesError
from .citizens import HOSTILE, CallRecord, Identity, Results, SippCallers, SippGroup, TimedCaller, keys
from .demo import Demo
from .farm import Behaviour, Farm, PhoneCall, PhoneEvent, PhoneEventKind, RingReaction
from .oddphones import OddPhone
from .scenario import Dtmf, Odd, Press
from .scripted import Manners, Scripted

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
