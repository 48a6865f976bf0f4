"""The YAML form of the nodes, one file for each type. A new type is a file, and a line in ``NodePart``."""

from collections.abc import Mapping
from typing import Annotated, Final, get_args

from pydantic import Field

from .banner import BannerPart
from .base import NodeBase
from .branch import BranchPart, CasePart, QueueStatePart, WhenPart
from .callback import CallbackPart
from .digits import DigitsPart
from .fragment import FragmentPart
from .goodbye import GoodbyePart
from .lookup import LookupPart
from .menu import ChoicePart, MenuPart, SilencePart
from .queue import QueueNodePart
from .return_ import ReturnPart
from .say import SayPart
from .survey import SurveyPart
from .transfer import TransferPart
from .voicemail import VoicemailPart

NodePart = Annotated[
    SayPart
    | MenuPart
    | DigitsPart
    | QueueNodePart
    | TransferPart
    | GoodbyePart
    | VoicemailPart
    | FragmentPart
    | ReturnPart
    | CallbackPart
    | SurveyPart
    | LookupPart
    | BranchPart
    | BannerPart,
    Field(discriminator="type"),
]

PARTS: Final[tuple[type[NodeBase], ...]] = get_args(get_args(NodePart)[0])
TYPES: Final[Mapping[str, type[NodeBase]]] = {get_args(part.model_fields["type"].annotation)[0]: part for part in PARTS}
"""The forms by what the YAML calls their type."""

__all__ = [
    "TYPES",
    "BannerPart",
    "BranchPart",
    "CallbackPart",
    "CasePart",
    "ChoicePart",
    "DigitsPart",
    "FragmentPart",
    "GoodbyePart",
    "LookupPart",
    "MenuPart",
    "NodeBase",
    "NodePart",
    "QueueNodePart",
    "QueueStatePart",
    "ReturnPart",
    "SayPart",
    "SilencePart",
    "SurveyPart",
    "TransferPart",
    "VoicemailPart",
    "WhenPart",
]
