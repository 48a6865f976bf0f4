"""What several parts of site.yaml are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ivr import schema

Host = Annotated[str, schema.matching(r"[A-Za-z0-9_.:-]{1,253}", "a host name or address")]
Port = Annotated[int, Field(ge=1, le=65535)]
File = Annotated[str, schema.matching(r"[^\x00-\x1f\x7f]{1,500}", "the name of a file")]
"""Where it is not absolute: beside site.yaml."""
