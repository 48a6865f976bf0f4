"""The vocabulary of the line: ids, states, events in, commands and facts out. Knows nobody."""

from .codec import decode, encode
from .errors import ContractError, Problem, SettingsError
from .ids import AgentId, CallId, OfferId, QueueId, SessionId, mask
from .skills import Need, Requirement, Skills, expression, requirement, satisfies
from .words import AgentAction, AgentState, Attribute, CallStage, NotReady, OfferResult, Outcome, Party

__all__ = [
    "AgentAction",
    "AgentId",
    "AgentState",
    "Attribute",
    "CallId",
    "CallStage",
    "ContractError",
    "Need",
    "NotReady",
    "OfferId",
    "OfferResult",
    "Outcome",
    "Party",
    "Problem",
    "QueueId",
    "Requirement",
    "SessionId",
    "SettingsError",
    "Skills",
    "commands",
    "decode",
    "encode",
    "events",
    "expression",
    "facts",
    "mask",
    "requirement",
    "satisfies",
]

from . import commands, events, facts
