"""``line1555 calls``, ``agents`` and ``agent``: who waits, who works, and a supervisor's order for one agent."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from control.floor import WAITS
from sites import load_site

from . import orders
from .columns import aligned, clock
from .current import folder_of
from .options import DEFAULT_RUN, JsonOption, RunOption, SiteOption, refuse

AllOption = Annotated[bool, typer.Option("--all", help="Also those who do not wait, or are logged out.")]
CALLS = ("call", "number", "queue", "position", "waited", "language", "topic", "role", "stage", "agent")
AGENTS = ("agent", "name", "state", "reason", "for", "phone", "call", "queue", "wish")


def add(app: typer.Typer) -> None:
    app.command()(codes)
    app.command()(calls)
    app.command()(agents)
    app.command()(agent)


def calls(everything: AllOption = False, as_json: JsonOption = False, run: RunOption = DEFAULT_RUN) -> None:
    """List the calls that wait, by queue, with their wait, and the closed queues. `line1555 call` takes these ids."""
    answer = orders.ask(run, {"order": "calls"}, as_json)
    shown = [row for row in answer["calls"] if everything or row["stage"] in WAITS]
    if as_json:
        _print({**answer, "calls": shown})
        return
    rows = [_texts(CALLS, {**row, "waited": clock(row["waited_s"])}) for row in shown]
    typer.echo(aligned(CALLS, rows) if shown else "nobody waits")
    for queue in answer["queues"]:
        if queue["state"] != "open":
            why = "closed (`line1555 queue NAME --open`)" if queue["state"] == "closed" else "out of its hours"
            typer.echo(f"{queue['queue']} ({queue['label']}): {why}")


def agents(everything: AllOption = False, as_json: JsonOption = False, run: RunOption = DEFAULT_RUN) -> None:
    """List the agents at work: state, time in it, and whether the phone is there."""
    answer = orders.ask(run, {"order": "agents"}, as_json)
    shown = [row for row in answer["agents"] if everything or row["state"] != "logged_out"]
    if as_json:
        _print({**answer, "agents": shown})
        return
    rows = [_texts(AGENTS, {**row, "for": clock(row["for_s"])}) for row in shown]
    typer.echo(aligned(AGENTS, rows) if shown else "nobody is logged in")


def agent(
    name: Annotated[str, typer.Argument(help="The agent's name in agents.yaml, as `line1555 agents` prints it.")],
    log_out: Annotated[bool, typer.Option("--log-out", help="After their call, where they have one.")] = False,
    log_in: Annotated[bool, typer.Option("--log-in", help="Not ready at first.")] = False,
    ready: Annotated[bool, typer.Option("--ready", help="Ready for calls, as soon as their phone is there.")] = False,
    not_ready: Annotated[
        str, typer.Option("--not-ready", help="One of the reasons in agents.yaml.", metavar="REASON")
    ] = "",
    as_json: JsonOption = False,
    run: RunOption = DEFAULT_RUN,
) -> None:
    """Log an agent out, or set their state; a call that they have goes on first."""
    wanted = {"log_out": log_out, "log_in": log_in, "ready": ready, "not_ready": bool(not_ready)}
    chosen = [action for action, said in wanted.items() if said]
    if len(chosen) != 1:
        refuse("expected one of --log-out, --log-in, --ready, --not-ready REASON")
    order = {"order": "agent", "agent": name, "action": chosen[0], "reason": not_ready}
    answer = orders.ask(run, order, as_json)
    if as_json:
        _print({key: answer[key] for key in ("state", "reason", "wish") if key in answer})
        return
    reason = f" ({answer['reason']})" if answer["reason"] else ""
    later = f", {answer['wish']} after the call" if "wish" in answer else ""
    typer.echo(f"{name} is {answer['state']}{reason}{later}")


def codes(
    site: SiteOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what an agent's phone can dial: feature codes, and short codes of queues and colleagues for transfers."""
    loaded = load_site(folder_of(site))
    features = {code: f"{part.action.value} {part.reason}".strip() for code, part in loaded.line.codes.items()}
    if as_json:
        _print({"features": features, "short": dict(loaded.short_codes)})
        return
    names = {str(queue.id): queue.label for queue in loaded.line.queues.values()}
    names |= {str(agent.id): agent.name for agent in loaded.line.agents.values()}
    rows = [(code, what, "") for code, what in features.items()]
    rows += [(code, name, names[name]) for code, name in sorted(loaded.short_codes.items())]
    typer.echo(aligned(("code", "leads to", "name"), rows))


def _texts(names: tuple[str, ...], row: dict[str, Any]) -> list[str]:
    return ["-" if row[name] in (None, "") else str(row[name]) for name in names]


def _print(found: object) -> None:
    typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
