"""Errors between the client and AMI. The text of a refusal is Asterisk's own; none of them holds a secret."""

from __future__ import annotations

import re
from typing import Final

_NO_CHANNEL: Final = re.compile(r"No such channel|Channel .*does not exist")
"""Asterisk's words for it: Setvar and Hangup; Redirect and AGI."""


class AmiError(Exception):
    """Base of every failure told by the AMI client."""


class AmiRefused(AmiError):
    """Asterisk answered `Response: Error`; the text is its `Message`."""


class AmiGone(AmiRefused):
    """The channel that the action names is no more. It may have ended while the order was on its way."""


class AmiTimeout(AmiError):
    """No answer within the deadline. Asterisk may still carry the action out: look before doing it again."""


class AmiDisconnected(AmiError):
    """Not connected, or no longer: whether the action was carried out is unknown. It is never sent again."""


class AmiBusy(AmiError):
    """A bound of ours was met (pending actions, unsent bytes, rows of a listing): nothing more was written."""


class AmiUnreachable(AmiError):
    """Nobody listens there, it does not speak AMI, or it did not get through the login in time."""


class AmiLoginFailed(AmiError):
    """Asterisk knows us not (user or secret). Final: trying again would not help."""


class AgiEnded(AmiError):
    """The channel left AsyncAGI, or hung up, before its command had a result."""


def refusal(message: str) -> AmiRefused:
    """The error that a refusal in Asterisk's words is."""
    return AmiGone(message) if _NO_CHANNEL.match(message) else AmiRefused(message)
