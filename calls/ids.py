"""Names of things. Plain strings with a type each, so that a call is never mistaken for an offer.

A call id carries the Asterisk node it lives on (``n1-1732394.12``): several nodes need no other shape.
"""

from __future__ import annotations

from typing import NewType

CallId = NewType("CallId", str)
OfferId = NewType("OfferId", str)
AgentId = NewType("AgentId", str)
QueueId = NewType("QueueId", str)
SessionId = NewType("SessionId", str)
"""An agent's own short call to the line to dial a feature code."""
TicketId = NewType("TicketId", str)
"""What the front office hands on in writing."""
WorkItemId = CallId | TicketId
"""Anything that waits for an agent; no two have one id, whatever their kind. A callback is a call of the line's own."""


def node_of(name: CallId | OfferId | SessionId) -> str:
    """The Asterisk node on which a call, an agent's leg or a code lives: what stands before the first dash."""
    return name.split("-", 1)[0]


def mask(number: str) -> str:
    """A telephone number as ordinary logs may show it: ``6941234567`` -> ``694****567``; short ones vanish."""
    if len(number) < 7:
        return "*" * len(number)
    return number[:3] + "*" * (len(number) - 6) + number[-3:]


COUNTRY = ("+30", "0030")
SUBSCRIBER = 10
"""Digits of a subscriber's number."""


SHOWN_DIGITS = 3
"""Digits of a number that may stand where the number may not."""
ERASED_LETTERS = "ghjkmnpqrstvwxyz"
"""A letter stands for each further digit of a number that was erased; a caller shows digits only."""


def fits(number: str, pattern: str) -> bool:
    """Whether a number in national form has this pattern: digits, ``#`` for any digit, also for an erased one."""
    digits = len(number) == len(pattern) and all(sign in _FITTING for sign in number)
    return digits and all(sign in ("#", digit) for sign, digit in zip(pattern, number, strict=True))


_FITTING = frozenset("0123456789" + ERASED_LETTERS)


def national(number: str) -> str:
    """A Greek number without the country's prefix: ``+306941234567`` -> ``6941234567``.

    ``30`` alone is a prefix before ten digits, which all numbers of subscribers have: some trunks leave the plus out.
    """
    for prefix in COUNTRY:
        number = number.removeprefix(prefix)
    return number[2:] if number.startswith("30") and len(number) == SUBSCRIBER + 2 else number
