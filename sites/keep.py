"""``keep`` in site.yaml: retention times in days."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from . import schema

Days = Annotated[int, Field(ge=1, le=3660)]


class KeepSettings(schema.Strict):
    """``numbers_days``: then a token stands for the caller in the records. ``records_days``: none, for ever."""

    journal_days: Days = 14
    numbers_days: Days = 180
    records_days: Days | None = None
    messages_days: Days = 30
    logs_days: Days = 30
