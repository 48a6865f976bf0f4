"""What brings a kept state of an older format to the present one, for what the defaults of fields cannot do.

A new field with a default needs nothing here, and neither does one that is gone. A field that was renamed, moved, or
has another meaning needs a function: it takes the plain checkpoint of its format and gives that of the next. Add it
under the next number; the newest format is one above the highest.
"""

from __future__ import annotations

from typing import Any, Final

from records import Upgrade

Plain = dict[str, Any]


def _to_2(checkpoint: Plain) -> Plain:
    """A place is a work item's, what is known is a call's, a walk is there while they walk; ``pending`` names who."""
    state = checkpoint["engine"]
    for agent in state["roster"]["agents"].values():
        if agent["pending"] is not None:
            agent["pending"] = [*agent["pending"], ""]
    aside = [call["aside"] for call in state["calls"].values() if call["aside"] is not None]
    for place in (*state["room"]["places"], *aside):
        place["item"] = place.pop("call")
    for call in state["calls"].values():
        walk = call["session"]
        call["known"] = {name: walk.pop(name) for name in ("attributes", "variables")}
        if call["stage"] not in ("menu", "transferring") or walk["state"] == "done":
            call["session"] = None
    return checkpoint


def _to_3(checkpoint: Plain) -> Plain:
    """What a switch has is kept by node, and so is where each caller is."""
    state = checkpoint["engine"]
    agents = state["roster"]["agents"]
    state["nodes"] = {
        state["node"]: {
            "name": state["node"],
            "linked": state["linked"],
            "started": state.pop("switch_started"),
            "suspects": state.pop("suspects"),
            "reachable": [name for name, agent in agents.items() if agent["reachable"]],
            "in_use": [name for name, agent in agents.items() if agent["in_use"]],
        }
    }
    state["kept_places"], state["sip_calls"] = {}, {}
    for name, call in state["calls"].items():
        call["node"] = "" if call["stage"] == "promised" else name.split("-", 1)[0]
    return checkpoint


UPGRADES: Final[dict[int, Upgrade]] = {1: _to_2, 2: _to_3}
