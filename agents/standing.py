"""How an agent stands to calls right now."""

from __future__ import annotations

from typing import Final, final

from calls import Word


class Availability(Word):
    """Why an agent can, or cannot, be offered a call right now: one rule each."""

    AVAILABLE = "available"
    PHONE_GONE = "phone_gone"
    PHONE_UNREACHABLE = "phone_unreachable"
    PHONE_IN_USE = "phone_in_use"
    LEG_CLOSING = "leg_closing"
    RESTING = "resting"
    NOT_READY = "not_ready"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"
    LOGGED_OUT = "logged_out"


@final
class Standing:
    """An availability as an agent holds it. ``number``: its place in the order of ``Availability``, from 0.

    ``working``: who stands so is at work on calls, or could be in a moment.
    """

    def __init__(self, availability: Availability, number: int, *, working: bool) -> None:
        self.availability = availability
        self.number = number
        self.working = working


_NOT_WORKING: Final = (
    Availability.PHONE_GONE,
    Availability.PHONE_UNREACHABLE,
    Availability.PHONE_IN_USE,
    Availability.NOT_READY,
    Availability.LOGGED_OUT,
)
STANDINGS: Final[dict[Availability, Standing]] = {
    one: Standing(one, number, working=one not in _NOT_WORKING) for number, one in enumerate(Availability)
}
AVAILABLE: Final = STANDINGS[Availability.AVAILABLE]
PHONE_GONE: Final = STANDINGS[Availability.PHONE_GONE]
PHONE_UNREACHABLE: Final = STANDINGS[Availability.PHONE_UNREACHABLE]
PHONE_IN_USE: Final = STANDINGS[Availability.PHONE_IN_USE]
LEG_CLOSING: Final = STANDINGS[Availability.LEG_CLOSING]
RESTING: Final = STANDINGS[Availability.RESTING]
LOGGED_OUT: Final = STANDINGS[Availability.LOGGED_OUT]
