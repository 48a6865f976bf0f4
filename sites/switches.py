"""The Asterisks of a line in site.yaml: ``sip`` and ``ami`` are the first one's addresses, ``nodes`` has further ones.

Every node has the same numbers, phones, queues and texts; a phone registers at each. A call stays at its node.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Annotated, Any

from pydantic import Field

from calls import Problem

from . import schema
from .fields import Address, Host, Port
from .loader import Loaded


class SipSettings(schema.Strict):
    """Address at which the phones and the trunk find Asterisk."""

    host: Address = "127.0.0.1"
    port: Port = 5060
    rtp_first: Annotated[int, Field(ge=1024, le=65535)] = 10000
    rtp_last: Annotated[int, Field(ge=1024, le=65535)] = 13999


class AmiSettings(schema.Strict):
    host: Host = "127.0.0.1"
    port: Port = 5038


NodeName = Annotated[str, schema.matching(r"[a-z][a-z0-9]{0,7}", "a name such as n2: letters and digits, 8 at most")]


class NodeAddresses(schema.Strict):
    """Addresses of a further Asterisk, which the line starts as well."""

    sip: SipSettings
    ami: AmiSettings


FIRST = "n1"
"""The first node, unless the line is started under another name."""


def problems(site: Loaded[Any]) -> Iterator[Problem]:
    """Find addresses that two nodes would share, and a second node with the first one's name."""
    if site.model is None:
        return
    nodes: Mapping[str, Any] = {"": site.model, **site.model.nodes}
    if FIRST in site.model.nodes:
        yield site.problem(("nodes", FIRST), FIRST, f"another name: {FIRST} is the Asterisk of sip and ami")
    for (one, a), (other, b) in combinations(nodes.items(), 2):
        for key, found in _shared(a, b):
            yield site.problem(("nodes", other, *key), found, f"another than that of {one or FIRST}")


def _shared(a: Any, b: Any) -> Iterator[tuple[tuple[str, str], str]]:
    if (a.sip.host, a.sip.port) == (b.sip.host, b.sip.port):
        yield ("sip", "port"), str(b.sip.port)
    if (a.ami.host, a.ami.port) == (b.ami.host, b.ami.port):
        yield ("ami", "port"), str(b.ami.port)
    if a.sip.host == b.sip.host and a.sip.rtp_first <= b.sip.rtp_last and b.sip.rtp_first <= a.sip.rtp_last:
        yield ("sip", "rtp_first"), f"{b.sip.rtp_first}-{b.sip.rtp_last}"
