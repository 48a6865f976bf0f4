"""The cases: 140 agents near full load, and the small systems whose exact or published figures are known.

Unless a case says otherwise: AHT 240 s, work and patience exponential, mean patience 824 s, load 132-135 erlang.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf

from .case import HOUR_S, PRIMARY, SECONDARY, CallClass, Case, Seat

SEATS, TYPES = 140, 7

Skills = tuple[tuple[int, int], ...]


def per_hour(erlang: float, handle_s: float = 240.0) -> float:
    return erlang * HOUR_S / handle_s


def skilled(*kinds: int) -> Skills:
    """The first is the primary skill."""
    unique = dict.fromkeys(kinds)
    return tuple((kind, SECONDARY if n else PRIMARY) for n, kind in enumerate(unique))


def topics(loads: Sequence[float], handle_s: Sequence[float] = ()) -> tuple[CallClass, ...]:
    """A class for each load in erlang."""
    means = handle_s or [240.0] * len(loads)
    pairs = enumerate(zip(loads, means, strict=True))
    return tuple(CallClass(f"topic{n}", per_hour(load, mean), mean) for n, (load, mean) in pairs)


def chain(skills: int) -> tuple[Seat, ...]:
    """20 agents for each of 7 types; each can do their own type and the next ones, ``skills`` in all."""
    return tuple(Seat(skilled(*((n + step) % TYPES for step in range(skills)))) for n in range(SEATS))


def mixed(kinds: int = TYPES, seats: int = SEATS) -> tuple[Seat, ...]:
    """As houses are: of ten agents with the same primary topic six know two topics, three know three, one knows all."""
    return tuple(Seat(_mixed(n % kinds, n // kinds, kinds)) for n in range(seats))


def _mixed(own: int, row: int, kinds: int) -> Skills:
    if row % 10 == 9:
        return skilled(own, *range(kinds))
    near, far = (own + 1 + row % 3) % kinds, (own + 4) % kinds
    return skilled(own, near, far) if row % 10 >= 6 else skilled(own, near)


def limited(skills: int) -> Case:
    """7 equal types, 132 erlang, ``skills`` of them each (7: pooled). Known: mean wait 34.3, 7.3-7.6, 6.1; 5.8 s."""
    about = f"7 equal types, {skills} skills each in a chain, 132 erlang"
    return Case("equal" if skills == 2 else f"limited{skills}", about, topics([132 / TYPES] * TYPES), chain(skills))


def equal() -> Case:
    """7 equal types, 2 skills each in a chain: little for a rule to gain."""
    return limited(2)


def unequal_loads() -> Case:
    """One topic brings 24 erlang for 20 agents of its own (20 % too many), the others 18.33 for 20; 134 in all."""
    return Case("unequal_loads", "one topic overloaded by 20 %", topics([24.0] + [110 / 6] * 6), mixed())


def unequal_handle_times() -> Case:
    """AHT 120 s (3 topics), 240 s (2), 480 s (2), 19 erlang each, 133 in all."""
    means = (120.0, 120.0, 120.0, 240.0, 240.0, 480.0, 480.0)
    return Case("unequal_handle_times", "AHT 120, 240, 480 s", topics([19.0] * TYPES, means), mixed())


def unequal_agents() -> Case:
    """As equal, but agents work at 0.7 to 1.3 of the usual speed, in every group the same spread; 132 erlang."""
    seats = tuple(replace(seat, speed=0.7 + 0.6 * (n // TYPES) / 19) for n, seat in enumerate(chain(2)))
    return Case("unequal_agents", "speed 0.7 to 1.3 by agent", topics([132 / TYPES] * TYPES), seats)


def rare_skill() -> Case:
    """2 erlang of a rare topic that 4 of 140 agents know, who also know two common ones of 6; 133 erlang in all."""
    common = topics([131 / 6] * 6)
    rare = CallClass("rare", per_hour(2.0), weight=1)
    usual = mixed(6, SEATS - 4)
    special = tuple(Seat(skilled(6, n, (n + 3) % 6)) for n in range(4))
    return Case("rare_skill", "4 agents know what a few callers need", (*common, rare), usual + special)


def deadline_day() -> Case:
    """119 erlang (0.85 of the seats), times 1.8 from the fourth to the seventh hour: 214 erlang for 140 agents."""
    busy = ((0.0, 1.0), (4 * HOUR_S, 1.8), (7 * HOUR_S, 1.0))
    classes = tuple(replace(kind, busy=busy) for kind in topics([17.0] * TYPES))
    return Case("deadline_day", "load times 1.8 for 3 of 12 hours", classes, mixed())


def two_languages() -> Case:
    """4 topics (40, 25, 20, 15 %) in Greek and, 8 % of callers, in English; 28 of 140 agents speak both; 133 erlang.

    Even classes are Greek, odd ones English. The bilingual serve their topics in both languages, English before Greek:
    their own topic in English is their one primary skill.
    """
    shares, english = (0.40, 0.25, 0.20, 0.15), 0.08
    loads = [(133 * share * part) for share in shares for part in (1 - english, english)]
    names = [(f"{language}{n}", weight) for n in range(4) for weight, language in enumerate(("el", "en"))]
    pairs = zip(names, loads, strict=True)
    classes = tuple(CallClass(name, per_hour(load), weight=weight) for (name, weight), load in pairs)
    return Case("two_languages", "8 % English, 28 bilingual of 140", classes, tuple(map(_speaker, range(SEATS))))


def _speaker(n: int) -> Seat:
    """Primary topics in shares of 8, 5, 4, 3 of 20; one in five speaks English too, spread over the topics."""
    own = (0, 1, 2, 3, 0, 1, 0, 2, 0, 1, 3, 0, 2, 0, 1, 0, 2, 3, 0, 1)[n % 20]
    known = (own, (own + 1 + n // 20 % 3) % 4, (own + 2) % 4)[: 3 if n % 3 == 0 else 2]
    greek, english = [2 * k for k in known], [2 * k + 1 for k in known]
    return Seat(skilled(*english, *greek) if (n + n // 20) % 5 == 0 else skilled(*greek))


def erlang(load: float, patience_s: float = inf, seats: int = SEATS) -> Case:
    """M/M/n(+M): one class, AHT 240 s."""
    kind = CallClass("all", per_hour(load), patience_s=patience_s)
    return Case(f"erlang{load:g}", f"{load:g} erlang, {seats} agents", (kind,), (Seat(skilled(0)),) * seats)


def n_system() -> Case:
    """Agent 0 can A, agent 1 both; lambda A 0.9, B 0.4, mu 1 (per second here). Exact mean waits 0.6909 and 1.5865."""
    classes = (CallClass("A", 0.9 * HOUR_S, 1.0, inf), CallClass("B", 0.4 * HOUR_S, 1.0, inf))
    seats = (Seat(skilled(0)), Seat(((0, PRIMARY), (1, PRIMARY))))
    return Case("n_system", "two agents, two classes", classes, seats, day_s=100_000.0, warm_s=1_000.0)


def simple_msk() -> Case:
    """ContactCenters' SimpleMSK: 3 classes, 2 groups, 3 periods of 2 h, gamma(28.7) days; level stands for group order.

    Handle time and patience follow the period of arrival. A group that shrinks loses its last named agents, where the
    original loses whoever is ready first: about a dozen services a day more here.
    """
    rates = ((4.2, 5.3, 3.2), (5.1, 4.3, 4.8), (6.3, 5.2, 4.8))
    handle, patience = _periods([0.5 / mu for mu in (0.5, 0.6, 0.4)]), _periods([0.3 / nu for nu in (0.3, 0.4, 0.2)])
    classes = tuple(
        CallClass(f"type{n}", 60.0, 120.0, 200.0, busy=_periods(rate), handle=handle, patience=patience)
        for n, rate in enumerate(rates)
    )
    seats = _group((12, 18, 9), ((0, PRIMARY), (1, PRIMARY))) + _group((15, 20, 11), skilled(2, 1))
    about = "3 types, 2 groups, 3 periods"
    return Case("simple_msk", about, classes, seats, day_s=6 * HOUR_S, warm_s=0.0, gamma=28.7)


def _periods(values: Sequence[float]) -> tuple[tuple[float, float], ...]:
    return tuple((n * 2 * HOUR_S, value) for n, value in enumerate(values))


def _group(sizes: Sequence[int], skills: Skills) -> tuple[Seat, ...]:
    """Seat n is on shift in each period whose size exceeds n; the last period has no end."""
    return tuple(Seat(skills, shifts=_shifts([n < size for size in sizes])) for n in range(max(sizes)))


def _shifts(on: Sequence[bool]) -> tuple[tuple[float, float], ...]:
    """Neighbouring periods are one shift."""
    bounds = [n * 2 * HOUR_S for n in range(len(on))] + [inf]
    shifts: list[tuple[float, float]] = []
    for n in (n for n, here in enumerate(on) if here):
        begins = shifts.pop()[0] if shifts and shifts[-1][1] == bounds[n] else bounds[n]
        shifts.append((begins, bounds[n + 1]))
    return tuple(shifts)


COMPARED: dict[str, Callable[[], Case]] = {
    made.__name__: made
    for made in (
        equal, unequal_loads, unequal_handle_times, unequal_agents, rare_skill, deadline_day, two_languages,
    )
}  # fmt: skip
"""What the benchmark runs by default."""

CHECKS: dict[str, Callable[[], Case]] = {
    "limited1": lambda: limited(1),
    "limited3": lambda: limited(3),
    "limited7": lambda: limited(7),
    "erlang130": lambda: erlang(130),
    "n_system": n_system,
    "simple_msk": simple_msk,
}
"""Systems with known figures."""

ALL = COMPARED | CHECKS
