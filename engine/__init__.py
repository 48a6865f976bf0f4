"""The pure engine: joins menus, queues, agents and distributor into one object without I/O and without a clock."""

from .agent_queries import AgentView, OfferView
from .call_queries import CallView
from .callback_requests import CallbackRequest
from .forecast import NotEstimatedError
from .kept import WIRED, KeptState
from .library import Library, Shelf
from .line import Line
from .machine import OfferState, Row
from .orders import Order
from .settings import AGENT_EXTRAS, RETURNED, CallbackRules, LineSettings, PhoneRules
from .stages import CALL_TABLE, OFFER_TABLE, THEORY
from .state import Output
from .view import LineView, QueueView

__all__ = [
    "AGENT_EXTRAS",
    "CALL_TABLE",
    "OFFER_TABLE",
    "RETURNED",
    "THEORY",
    "WIRED",
    "AgentView",
    "CallView",
    "CallbackRequest",
    "CallbackRules",
    "KeptState",
    "Library",
    "Line",
    "LineSettings",
    "LineView",
    "NotEstimatedError",
    "OfferState",
    "OfferView",
    "Order",
    "Output",
    "PhoneRules",
    "QueueView",
    "Row",
    "Shelf",
]
