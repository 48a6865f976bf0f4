"""The vocabulary of the line: ids, states, events in, commands and facts out. Knows nobody."""

from .annotations import annotations_of, required_of
from .codec import decode, encode
from .errors import ContractError, Problem, SettingsError
from .ids import AgentId, CallId, OfferId, QueueId, SessionId, TicketId, WorkItemId, fits, mask, national, node_of
from .known import Known
from .pairs import Named
from .skills import (
    ANYBODY,
    ExpressionError,
    Need,
    Needs,
    Requirement,
    Skills,
    both,
    either,
    expression,
    parse,
    requirement,
    requirement_of,
    satisfies,
    skills_in,
)
from .stored import Stored
from .words import AgentAction, AgentState, Attribute, CallStage, NotReady, OfferResult, Outcome, Party, Word

__all__ = [
    "ANYBODY",
    "AgentAction",
    "AgentId",
    "AgentState",
    "Attribute",
    "CallId",
    "CallStage",
    "ContractError",
    "ExpressionError",
    "Known",
    "Named",
    "Need",
    "Needs",
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
    "Stored",
    "TicketId",
    "Word",
    "WorkItemId",
    "annotations_of",
    "both",
    "commands",
    "decode",
    "either",
    "encode",
    "events",
    "expression",
    "facts",
    "fits",
    "mask",
    "national",
    "node_of",
    "parse",
    "required_of",
    "requirement",
    "requirement_of",
    "satisfies",
    "skills_in",
]

from . import commands, events, facts
