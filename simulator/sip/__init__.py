"""Real SIP: agents' phones, citizens who call, odd phones, and a demo that mixes them."""

from .child import PhonesError
from .citizens import HOSTILE, CallRecord, Citizens, Group, Identity, Results, Turn, keys
from .demo import Demo
from .farm import Behaviour, Farm, Kind, PhoneCall, PhoneEvent, Ring
from .oddphones import OddPhone
from .scenario import Dtmf, Odd, Press
from .scripted import Manners, Scripted

__all__ = [
    "HOSTILE",
    "Behaviour",
    "CallRecord",
    "Citizens",
    "Demo",
    "Dtmf",
    "Farm",
    "Group",
    "Identity",
    "Kind",
    "Manners",
    "Odd",
    "OddPhone",
    "PhoneCall",
    "PhoneEvent",
    "PhonesError",
    "Press",
    "Results",
    "Ring",
    "Scripted",
    "Turn",
    "keys",
]
