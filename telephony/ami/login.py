"""From nothing to a connection that may be used: TCP, greeting, login, filters, Asterisk fully booted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from .action import Pending
from .errors import AmiBusy, AmiDisconnected, AmiLoginFailed, AmiRefused
from .protocol import Protocol
from .settings import AmiSettings

log = logging.getLogger(__name__)


async def log_in(settings: AmiSettings, make: Callable[[], Protocol]) -> Protocol:
    """Raises AmiLoginFailed; OSError (time-outs included) or another AmiError: nobody fit to talk to is there."""
    async with asyncio.timeout(settings.connect_timeout_s):
        _, protocol = await asyncio.get_running_loop().create_connection(make, settings.host, settings.port)
    try:
        async with asyncio.timeout(settings.connect_timeout_s):
            await protocol.greeted
            await _present(settings, protocol)
        await _hide_events(settings, protocol)
        await _wait_boot(settings, protocol)
    except BaseException:
        protocol.abort("the login did not succeed")
        raise
    return protocol


async def _present(settings: AmiSettings, protocol: Protocol) -> None:
    fields = {"Username": settings.username, "Secret": settings.secret, "Events": "on"}
    try:
        await protocol.send(Pending("Login", fields, settings), settings.connect_timeout_s)
    except AmiRefused as refusal:
        raise AmiLoginFailed(f"AMI login as {settings.username} refused: {refusal}") from None


async def _hide_events(settings: AmiSettings, protocol: Protocol) -> None:
    """Filters live as long as the session. Without them all is right but slower, so a refusal is only told."""
    for name in settings.hidden_events:
        try:
            fields = {"Operation": "Add", "Filter": f"!^Event: {name}"}
            await protocol.send(Pending("Filter", fields, settings), settings.action_timeout_s)
        except (AmiRefused, AmiBusy) as error:
            log.warning("events %s are not filtered by Asterisk: %s", name, error)


async def _wait_boot(settings: AmiSettings, protocol: Protocol) -> None:
    """AMI lets us in before the modules are loaded; actions of theirs would be unknown."""
    either: set[asyncio.Future[Any]] = {protocol.booted, protocol.lost}
    await asyncio.wait(either, timeout=settings.boot_timeout_s, return_when="FIRST_COMPLETED")
    if protocol.lost.done():
        raise AmiDisconnected(protocol.lost.result())
    if not protocol.booted.done():
        log.warning("no FullyBooted in %g s: is the AMI user allowed to read `system`?", settings.boot_timeout_s)
