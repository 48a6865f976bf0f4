"""Real SIP: agents' phones, citizens who call, odd phones, and a demo that mixes them."""

from .child import PhonesError
from .farm import Behaviour, Farm, Kind, PhoneCall, PhoneEvent, Ring

__all__ = ["Behaviour", "Farm", "Kind", "PhoneCall", "PhoneEvent", "PhonesError", "Ring"]
