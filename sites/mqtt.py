"""``mqtt`` in site.yaml: the broker that live events go to, and how it is spoken to."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from . import schema
from .fields import File, Host, Port

Topic = Annotated[str, schema.matching(r"[A-Za-z0-9_][A-Za-z0-9_/-]{0,99}", "an MQTT topic without wildcards")]
PORT, TLS_PORT = 1883, 8883


class TlsSettings(schema.Strict):
    """``ca``: who has to have signed the broker's certificate (none: the machine's own authorities).

    ``cert``, ``key``: ours, for a broker that asks for one. ``verify: false`` speaks to whoever answers: for a trial.
    """

    ca: File | None = None
    cert: File | None = None
    key: File | None = None
    verify: bool = True

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        if (self.cert is None) != (self.key is None):
            raise PydanticCustomError("expected", "{expected}", {"expected": "cert and key together, or neither"})
        return self


class MqttSettings(schema.Strict):
    """Live events for other systems; off without a host. ``port``: 1883, or 8883 with ``tls``, where none is said."""

    host: Host | None = None
    port: Port | None = None
    prefix: Topic = "line1555"
    user: Annotated[str, schema.matching(r"[^\x00-\x1f\x7f]{1,100}", "a user's name")] | None = None
    password_file: File | None = None
    tls: TlsSettings | None = None

    @property
    def wanted_port(self) -> int:
        return self.port or (PORT if self.tls is None else TLS_PORT)
