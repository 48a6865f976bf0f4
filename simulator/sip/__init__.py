"""Real SIP: agents' phones, citizens who call, odd phones, and a demo that mixes them."""

from .child import PhonesError
from .citizens import HOSTILE, CallRecord, Citizens, Group, Identity, Results, keys
from .farm import Behaviour, Farm, Kind, PhoneCall, PhoneEvent, Ring
from .scenario import Dtmf, Press

__all__ = [
    "HOSTILE",
    "Behaviour",
    "CallRecord",
    "Citizens",
    "Dtmf",
    "Farm",
    "Group",
    "Identity",
    "Kind",
    "PhoneCall",
    "PhoneEvent",
    "PhonesError",
    "Press",
    "Results",
    "Ring",
    "keys",
]
