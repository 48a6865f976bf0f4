"""``type: transfer``."""

from __future__ import annotations

from typing import Literal

from ivr import DialOut
from sites.defaults import default_of
from sites.schema import Id, Number, Prompts

from .base import NodeBase


class TransferPart(NodeBase):
    type: Literal["transfer"]
    number: Number
    otherwise: Id
    confidential: bool = default_of(DialOut, "confidential")
    prompts: Prompts = []
