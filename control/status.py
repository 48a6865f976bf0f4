"""The running line's door for its owner: a socket in the run directory (0600), one question and one answer each.

The question is one row of JSON: ``{}`` asks for the present state; ``{"order": ...}`` is a supervisor's order
(``control/orders.py``); ``{"follow": ...}`` stays and is told what happens (``control/follow.py``). Every other answer
is one JSON document; docs/control.md has them all.
"""

from __future__ import annotations

import asyncio
import json
import logging
import pwd
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from .doors import Crowd, bounded
from .refusals import Fault, OrderRefused, fault, said

log = logging.getLogger(__name__)

FILE = "line.sock"
ANSWER_WITHIN_S = 5.0
_UCRED = struct.Struct("iII")
"""pid, uid, gid: ``struct ucred`` of Linux."""
MOST_BEHIND_S = 300.0


class NotRunning(Exception):
    """No line answers in this run directory; the text says what to do."""


class Silent(NotRunning):
    """A line is there and has not answered in time."""


Answer = Callable[[], Mapping[str, Any]]
Execute = Callable[[Mapping[str, Any], str], Awaitable[Mapping[str, Any]]]
"""An order, and the user who gave it. Raises ``OrderRefused``."""
Follow = Callable[[Mapping[str, Any], asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""Tells a follower what happens, until one of both has gone. Raises ``OrderRefused`` before the first word."""


class QuestionError(ValueError):
    """What was asked is no question: ``answer`` says why."""

    def __init__(self, kind: Fault, message: str, **details: Any) -> None:
        super().__init__(message)
        self.answer = fault(kind, message, **details)


async def serve(run_dir: Path, snapshot: Answer, execute: Execute, follow: Follow | None = None) -> asyncio.Server:
    """Answer every connection with the snapshot of that moment, or do what is ordered; a follower stays."""
    crowd = Crowd("line.sock")

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            question = await _question(reader)
            if follow is not None and "follow" in question:
                crowd.leave(writer)  # they have a bound of their own
                await follow(question, reader, writer)
                return
            found = await execute(question, peer(writer)) if question else snapshot()
        except (OrderRefused, QuestionError) as error:
            found = error.answer
        except Exception as error:  # whoever asks is told, and the line goes on
            log.exception("a question to the line failed")
            found = fault(Fault.FAILED, f"the line failed at it ({type(error).__name__}): see its log")
        writer.write(json.dumps(found, ensure_ascii=False).encode())

    path = run_dir / FILE
    path.unlink(missing_ok=True)
    server = await asyncio.start_unix_server(bounded(answer, crowd, ANSWER_WITHIN_S), path)
    path.chmod(0o600)
    return server


async def _question(reader: asyncio.StreamReader) -> Mapping[str, Any]:
    """The question, one row of JSON. Raises ``QuestionError``."""
    try:
        row = await asyncio.wait_for(reader.readline(), ANSWER_WITHIN_S)
    except TimeoutError:
        raise QuestionError(Fault.LATE, f"no question within {ANSWER_WITHIN_S:g} s") from None
    except ValueError:
        raise QuestionError(Fault.TOO_LONG, "the question is too long: expected one row of JSON") from None
    try:
        question = json.loads(row)
    except (ValueError, RecursionError):
        shown = said(row.decode(errors="replace").rstrip("\n"))
        raise QuestionError(Fault.NOT_JSON, "expected one row of JSON", said=shown) from None
    if not isinstance(question, dict):
        raise QuestionError(Fault.NOT_AN_OBJECT, "expected a JSON object", said=said(row.decode().rstrip("\n")))
    return question


def peer(writer: asyncio.StreamWriter) -> str:
    """The user at the other end, as the kernel knows them (``SO_PEERCRED``): nothing they could have typed."""
    credentials = writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size)
    _, uid, _ = _UCRED.unpack(credentials)
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def problems(snapshot: Mapping[str, Any]) -> list[str]:
    """Say what is not well, in words; nothing: all is."""
    journal, records = snapshot["journal"], snapshot["records"]
    wrong = {
        f"the link to Asterisk is down: {snapshot['link']['reason']}": not snapshot["link"]["up"],
        f"the journal cannot be written: {journal['detail']}": not journal["ok"],
        f"the records do not follow: {records['problem']}": bool(records["problem"]),
        f"the records are {records['behind_s']:.0f} s behind": records["behind_s"] > MOST_BEHIND_S,
        "the trunk does not answer": snapshot["trunk"] is False,
        "nobody has called for too long (traffic in site.yaml)": snapshot["too_quiet"],
    }
    return [text for text, holds in wrong.items() if holds]


def no_line(run_dir: Path, error: OSError) -> NotRunning:
    """Say that nobody answers there, and what to do."""
    return NotRunning(f"no line runs in {run_dir} ({error.strerror or error}): start it with `line1555 up`")


def ask(run_dir: Path, question: Mapping[str, Any] | None = None, within_s: float = ANSWER_WITHIN_S) -> dict[str, Any]:
    """The snapshot of the line that runs in ``run_dir``, or its answer to an order.

    Raises ``NotRunning``; of these, ``Silent`` where it may yet follow the order.
    """
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(within_s)
            connection.connect(str(run_dir / FILE))
            connection.sendall(json.dumps(question or {}).encode() + b"\n")
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
    except TimeoutError as error:
        raise Silent(f"the line in {run_dir} has not answered within {within_s:g} s") from error
    except OSError as error:
        raise no_line(run_dir, error) from error
    if not answer:
        raise Silent(f"the line in {run_dir} has broken off the conversation: see {run_dir}/log")
    found: dict[str, Any] = json.loads(answer)
    return found
