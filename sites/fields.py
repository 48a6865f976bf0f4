"""Types that several parts of site.yaml share."""

from __future__ import annotations

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from . import schema

Host = Annotated[str, schema.matching(r"[A-Za-z0-9_.:-]{1,253}", "a host name or address")]
Port = Annotated[int, Field(ge=1, le=65535)]
File = Annotated[str, schema.matching(r"[^\x00-\x1f\x7f]{1,500}", "the name of a file")]
"""Name of a file; where it is not absolute, beside site.yaml."""


def _address(text: str) -> str:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        expected = "an IPv4 address of this machine, e.g. 127.0.0.1 (which is localhost)"
        raise PydanticCustomError("expected", "{expected}", {"expected": expected}) from None
    return text


Address = Annotated[str, AfterValidator(_address)]
"""Address at which Asterisk listens: it takes no names."""
