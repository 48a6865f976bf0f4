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


def _to_4(checkpoint: Plain) -> Plain:
    """A call is divided: the work item that waits, the visit to the menus, what is played, the task of a callback."""
    calls = checkpoint["engine"]["calls"]
    checkpoint["engine"]["calls"] = {name: _divided(call) for name, call in calls.items()}
    return checkpoint


def _divided(call: Plain) -> Plain:
    item = {name: call.pop(name) for name in _OF_THE_ITEM} | {
        "id": call["id"],
        "unattended": call["callback"],
        "served_by": call.pop("spoke_with"),
    }
    visit = {name: call.pop(name) for name in ("session", "looked_at", "returns")}
    file, since = call.pop("recording"), call.pop("recording_since")
    playback = {
        "number": call.pop("play"),
        "saying": call.pop("saying"),
        "recording": None if since is None else {"file": file, "since": since},
    }
    task = {name: call.pop(name) for name in ("attempts", "faults")}
    return call | {
        "work": item,
        "visit": None if visit["session"] is None else visit,
        "playback": playback,
        "callback": task if call["callback"] else None,
        "lookups": call.pop("lookup"),
    }


_OF_THE_ITEM: Final = (
    *("ani", "dnis", "known", "node", "promised_at", "queue", "extra_points", "relaxing", "relaxed", "waiter"),
    *("overflowed", "aside", "offer", "sender", "returned_by"),
)

UPGRADES: Final[dict[int, Upgrade]] = {1: _to_2, 2: _to_3, 3: _to_4}
