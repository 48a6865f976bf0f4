"""The vocabulary of the line: ids, states, events in, commands and facts out. Knows nobody."""

from .codec import decode, encode
from .errors import ContractError, Problem, SettingsError
from .ids import AgentId, CallId, OfferId, QueueId, SessionId, mask
from .words import AgentAction, AgentState, Attribute, CallStage, NotReady, OfferResult, Outcome, Party

__all__ = [
    "AgentAction",
    "AgentId",
    "AgentState",
    "Attribute",
    "CallId",
    "CallStage",
    "ContractError",
    "NotReady",
    "OfferId",
    "OfferResult",
    "Outcome",
    "Party",
    "Problem",
    "QueueId",
    "SessionId",
    "SettingsError",
    "commands",
    "decode",
    "encode",
    "events",
    "facts",
    "mask",
]

from . import commands, events, facts
