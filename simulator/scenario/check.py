"""Checks a scenario against the line it runs on, for everything that types and ranges cannot express.

Pure: it knows the scenario and the line's settings, not files. A finding names its place by the keys of the scenario
file, as ``sites.checker`` does; who loads the file adds lines and columns.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from calls import QueueId, Skills, expression, satisfies
from engine import LineSettings
from simulator.model.paths import CallerGoal, path_for
from simulator.model.people import crews_of
from simulator.run.measures import BY_QUEUE, COUNTS_BY_QUEUE, MEASURES
from sites import Finding, one_of
from sites.findings import Keys

from .schema import DAY_S, Break, Demand, People, ScenarioFile, Shift, SpecialDay, TopicDemand, seconds_of

SCENARIO = "scenario"
"""The file of all findings."""


@dataclass(frozen=True, slots=True)
class ScenarioCheckInput:
    """What is checked together. ``roles``: those the line knows."""

    scenario: ScenarioFile
    line: LineSettings
    roles: Collection[str] = ()

    @property
    def demand(self) -> Demand:
        return self.scenario.demand

    def queue_of(self, topic: str) -> QueueId | None:
        """Give the queue of a topic; None: the line does not know it."""
        queue = self.line.menus.topics.get(topic)
        return queue if queue in self.line.queues else None

    def numbers_of(self, topic: TopicDemand, name: str) -> Collection[str]:
        """Give the numbers that its callers dial, as far as the line has them."""
        entries = self.line.menus.entries
        if self.scenario.line is not None:
            return [number for number, entry in entries.items() if entry.start == name]
        said = topic.numbers or self.demand.numbers
        return [number for number in _used(said) if number in entries] if said else [next(iter(entries))]

    def languages_of(self, topic: TopicDemand) -> Collection[str]:
        """List the languages of the topic's callers that the line speaks; those with a share of 0 are left out."""
        menus = self.line.menus
        said = topic.languages or self.demand.languages or {menus.default_language: 1.0}
        return [language for language in _used(said) if language in menus.languages]


def check(subject: ScenarioCheckInput) -> list[Finding]:
    """Find all errors, in the order of the keys."""
    findings = {
        *_topics(subject),
        *_named(subject),
        *_overflow(subject),
        *_weights(subject.demand),
        *_serving(subject),
        *_ways(subject),
        *_special_days(subject.scenario),
        *_shifts(subject.scenario.people),
        *_nobody(subject),
        *_known_figures(subject),
    }
    return sorted(findings, key=lambda finding: (tuple(map(str, finding.keys)), finding.found))


def _finding(keys: Keys, found: str, expected: str) -> Finding:
    return Finding(SCENARIO, keys, found, expected)


def _used(weights: Mapping[str, float]) -> list[str]:
    """List the names with a weight above 0."""
    return [name for name, weight in weights.items() if weight > 0]


# --- names ------------------------------------------------------------------------------------------------------------


def _topics(subject: ScenarioCheckInput) -> Iterator[Finding]:
    for topic in subject.demand.topics:
        if subject.queue_of(topic) is None:
            keys: Keys = ("demand", "topics", topic)
            if subject.scenario.line is not None:
                yield _finding(keys, "a topic without a queue", f"a queue {topic} in line.queues")
            else:
                known = subject.line.menus.topics
                yield _finding(keys, f"unknown topic {topic!r}", f"{one_of(known, topic)} (line.yaml of the site)")


def _named(subject: ScenarioCheckInput) -> Iterator[Finding]:
    """Check names of numbers, languages and roles of the line, and topics of the scenario."""
    demand, topics = subject.demand, subject.demand.topics
    places: list[tuple[Keys, Demand | TopicDemand]] = [(("demand",), demand)]
    places += [(("demand", "topics", name), topic) for name, topic in topics.items()]
    for keys, place in places:
        menus = subject.line.menus
        numbers = menus.entries if subject.scenario.line is None else ()
        yield from _unknown((*keys, "numbers"), "number", place.numbers, numbers)
        yield from _unknown((*keys, "languages"), "language", place.languages, menus.languages)
        yield from _unknown((*keys, "roles"), "role", place.roles, subject.roles)
    for index, day in enumerate(demand.special_days):
        yield from _unknown(("demand", "special_days", index, "topics"), "topic", day.topics, topics)
    callers = subject.scenario.callers
    for name in ("patience_s", "talk_s", "wrap_up_s"):
        times = getattr(callers, name)
        yield from _unknown(("callers", name, "topics"), "topic", times.topics, topics)
        yield from _unknown(("callers", name, "topics_by_time"), "topic", times.topics_by_time, topics)


def _unknown(
    keys: Keys, what: str, named: Collection[str] | Mapping[str, object] | None, known: Collection[str]
) -> Iterator[Finding]:
    for name in named or ():
        if name not in known:
            yield _finding((*keys, name), f"unknown {what} {name!r}", one_of(known, name))


def _overflow(subject: ScenarioCheckInput) -> Iterator[Finding]:
    """Check queues of a plain line that send their calls to another one."""
    line = subject.scenario.line
    for name, queue in (line.queues if line else {}).items():
        for index, rule in enumerate(queue.overflow):
            keys: Keys = ("line", "queues", name, "overflow", index, "queue")
            if rule.queue is not None and rule.queue not in subject.line.queues:
                yield _finding(keys, f"unknown queue {rule.queue!r}", one_of(subject.line.queues, rule.queue))


def _known_figures(subject: ScenarioCheckInput) -> Iterator[Finding]:
    queues, of_queue = subject.line.queues, {**BY_QUEUE, **COUNTS_BY_QUEUE}
    for name in subject.scenario.known:
        queue, _, measure = name.rpartition(".")
        if queue and queue not in queues:
            yield _finding(("known", name), f"unknown queue {queue!r}", one_of(queues, queue))
        elif measure not in (of_queue if queue else MEASURES):
            yield _finding(
                ("known", name), f"unknown figure {measure!r}", one_of(of_queue if queue else MEASURES, measure)
            )


# --- who calls --------------------------------------------------------------------------------------------------------


def _weights(demand: Demand) -> Iterator[Finding]:
    """Find weights that are all 0."""
    places: list[tuple[Keys, Demand | TopicDemand]] = [(("demand",), demand)]
    places += [(("demand", "topics", name), topic) for name, topic in demand.topics.items()]
    found: list[tuple[Keys, Collection[float]]] = [
        ((*keys, name), getattr(place, name).values())
        for keys, place in places
        for name in ("numbers", "languages", "roles")
        if getattr(place, name)
    ]
    found += [(("demand", "curves", day), curve) for day, curve in demand.curves.items()]
    found += [(("demand", "weekdays"), demand.weekdays.values())] if len(demand.weekdays) == 7 else []
    found += [(("demand", name), curve) for name in ("curve", "weekend") if (curve := getattr(demand, name))]
    for keys, weights in found:
        if not any(weights):
            yield _finding(keys, "only zeros", "at least one number above 0")


def _ways(subject: ScenarioCheckInput) -> Iterator[Finding]:
    """Find goals that no path through the menus reaches."""
    menus = subject.line.menus
    if subject.scenario.line is not None:
        return
    for name, topic in subject.demand.topics.items():
        if subject.queue_of(name) is None:
            continue
        for number in subject.numbers_of(topic, name):
            lost = [
                language
                for language in subject.languages_of(topic)
                if path_for(menus, CallerGoal(number, language, name)) is None
            ]
            if lost:
                own: Keys = ("demand", "topics", name, "numbers", number)
                keys = own if number in (topic.numbers or {}) else ("demand", "topics", name)
                found = f"no way through the menus from {number} to {name!r} in {', '.join(map(repr, lost))}"
                yield _finding(keys, found, _better(subject, name, lost[0]))


def _better(subject: ScenarioCheckInput, topic: str, language: str) -> str:
    menus = subject.line.menus
    others = [number for number in menus.entries if path_for(menus, CallerGoal(number, language, topic)) is not None]
    return f"numbers that lead there: {', '.join(others)}" if others else "menus that lead there"


def _special_days(scenario: ScenarioFile) -> Iterator[Finding]:
    first, seen = scenario.starts, set[date]()
    last = first + timedelta(days=max(0, ceil(scenario.length_s / DAY_S) - 1))
    for index, day in enumerate(scenario.demand.special_days):
        keys: Keys = ("demand", "special_days", index)
        if not first <= day.date <= last:
            yield _finding((*keys, "date"), str(day.date), f"a day from {first} to {last}, the time of the scenario")
        if day.date in seen:
            yield _finding((*keys, "date"), f"{day.date} once more", "each day once")
        seen.add(day.date)
        yield from _hours(day, (*keys, "hours"))


def _hours(day: SpecialDay, keys: Keys) -> Iterator[Finding]:
    if day.hours and seconds_of(day.hours[0]) >= seconds_of(day.hours[1]):
        yield _finding(keys, f"from {day.hours[0]} to {day.hours[1]}", "a beginning before the end, on one day")


# --- who answers ------------------------------------------------------------------------------------------------------


def _serving(subject: ScenarioCheckInput) -> Iterator[Finding]:
    """Find topics whose calls in some language no agent could ever take from their queue, however long they wait.

    That they may overflow to another queue when nobody is there does not help: it is for the odd hour, not for a plan.
    """
    everybody = list(_kinds_of_people(subject))
    for name, topic in subject.demand.topics.items():
        queue = subject.queue_of(name)
        if queue is None or not everybody:
            continue
        for language in subject.languages_of(topic):
            needed = subject.line.queues[queue].widest(language)
            if not any(satisfies(skills, needed) for skills in everybody):
                found = f"a topic nobody is skilled for in {language!r}"
                yield _finding(("demand", "topics", name), found, f"somebody at work with {expression(needed)}")


def _kinds_of_people(subject: ScenarioCheckInput) -> Iterator[Skills]:
    scenario, agents = subject.scenario, list(subject.line.agents.values())
    if scenario.people is not None:
        people = [agent for crew in crews_of(scenario.people, agents) for agent in crew]
        yield from {tuple(sorted(agent.skills.items())): agent.skills for agent in people}.values()
    elif scenario.line is not None:
        yield from {tuple(sorted(agent.skills.items())): agent.skills for agent in agents}.values()


def _nobody(subject: ScenarioCheckInput) -> Iterator[Finding]:
    """Find shifts whose skills no agent of the line has, and a plain line without any agent."""
    people, agents = subject.scenario.people, list(subject.line.agents.values())
    if people is not None and people.shifts is not None:
        for index, (shift, crew) in enumerate(zip(people.shifts, crews_of(people, agents), strict=True)):
            if not crew:
                keys: Keys = ("people", "shifts", index, "who")
                yield _finding(keys, f"{shift.who}, which no agent satisfies", "what some agent of the site can do")
    if subject.scenario.line is not None and not agents:
        yield _finding(("line", "agents"), "nobody at any time", "at least one agent")


def _shifts(people: People | None) -> Iterator[Finding]:
    """Find breaks that do not fit into their shift."""
    if people is None:
        return
    for index, shift in enumerate(people.shifts or ()):
        yield from _breaks(people, shift, ("people", "shifts", index))
    for person, week in enumerate(people.weeks or ()):
        for index, shift in enumerate(week):
            yield from _breaks(people, shift, ("people", "weeks", person, index))


def _breaks(people: People, shift: Shift, keys: Keys) -> Iterator[Finding]:
    pauses = people.breaks if shift.breaks is None else shift.breaks
    stagger = people.stagger_min if shift.stagger_min is None else shift.stagger_min
    length = shift.length_s / 60
    place = keys if shift.breaks is None else (*keys, "breaks")
    total = sum(pause.min for pause in pauses)
    if total >= length:
        yield _finding(place, f"breaks of {total:g} min", f"less than the shift of {length:g} min")
        return
    latest = max((pause.after_min + pause.min for pause in pauses), default=0.0) + (stagger if shift.count > 1 else 0.0)
    if latest > length:
        found = f"a break that ends {latest:g} min after the beginning"
        yield _finding(place, found, f"an end within the shift of {length:g} min")
    if overlap := _overlap(pauses):
        yield _finding(place, f"a break after {overlap.after_min:g} min, within the one before", "one break at a time")


def _overlap(pauses: Collection[Break]) -> Break | None:
    ends = 0.0
    for pause in sorted(pauses, key=lambda pause: pause.after_min):
        if pause.after_min < ends:
            return pause
        ends = pause.after_min + pause.min
    return None
