"""The pure engine: joins menus, queues, agents and distributor into one object without I/O and without a clock."""

from .callbacks import Promise
from .line import Line
from .orders import Order
from .settings import AGENT_EXTRAS, RETURNED, CallbackRules, LineSettings, PhoneRules
from .stages import CALL_TABLE, OFFER_TABLE, OfferState
from .world import Call, Output

__all__ = [
    "AGENT_EXTRAS",
    "CALL_TABLE",
    "OFFER_TABLE",
    "RETURNED",
    "Call",
    "CallbackRules",
    "Line",
    "LineSettings",
    "OfferState",
    "Order",
    "Output",
    "PhoneRules",
    "Promise",
]
