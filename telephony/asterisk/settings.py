"""Settings of the private Asterisk: addresses, numbers, agents, and the menu it serves alone when the engine is gone.

Each field's type says what it may hold; `check` collects every field that holds something else. The rule is an
allow-list: a value that could end a line, start a comment or be expanded by the dialplan never reaches a file.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints


class AsteriskSettingsError(ValueError):
    """Values that Asterisk must not be given. `problems`: each names the field, what it holds, what may stand there."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class FieldRule:
    """The rule of a field, in code and in words."""

    what: str
    holds: Callable[[Any], bool]


def _like(pattern: str, what: str) -> FieldRule:
    return FieldRule(what, lambda value: bool(re.fullmatch(pattern, str(value))))


def _between(low: int, high: int, unit: str) -> FieldRule:
    return FieldRule(f"a whole number of {unit} from {low} to {high}", lambda n: type(n) is int and low <= n <= high)


def _parses(parse: Callable[[str], object], value: object) -> bool:
    try:
        parse(str(value))
    except ValueError:
        return False
    return True


PromptId = Annotated[str, _like("[A-Za-z][A-Za-z0-9_.-]{0,63}", "a prompt id (letters, digits, - _ and dots)")]
Id = Annotated[str, _like("[A-Za-z][A-Za-z0-9_-]{0,63}", "an id (letters, digits, - and _)")]
IdOrNone = Annotated[str, _like("([A-Za-z][A-Za-z0-9_-]{0,63})?", "an id (letters, digits, - and _), or empty")]
Number = Annotated[str, _like("[0-9]{2,20}", "a telephone number in digits")]
NumberOrNone = Annotated[str, _like("([0-9]{2,20})?", "a telephone number in digits, or empty")]
Minute = Annotated[str, _like("([0-9]{12})?", "a local time as YYYYMMDDhhmm, or empty")]
Zone = Annotated[str, _like("[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}", "a time zone, e.g. Europe/Athens")]
Key = Annotated[str, _like("[0-9*#]", "one key of the phone")]
Code = Annotated[str, _like("[a-z]{2,3}", "a language code of 2 or 3 letters")]
Contact = Annotated[str, _like("([A-Za-z0-9][A-Za-z0-9.-]{0,252}(:[0-9]{1,5})?)?", "HOST, HOST:PORT, or empty")]
Folder = Annotated[Path, _like(r"/[\w./+@~ -]{0,400}", "an absolute folder without special characters")]
Address = Annotated[str, FieldRule("an IPv4 address", lambda value: _parses(ipaddress.IPv4Address, value))]
Addresses = Annotated[str, FieldRule("an IPv4 address or network", lambda value: _parses(ipaddress.IPv4Network, value))]
Port = Annotated[int, _between(1, 65535, "a port")]
Seconds = Annotated[int, _between(1, 7200, "seconds")]
Count = Annotated[int, _between(1, 100_000, "calls")]
SecondsOrNever = Annotated[int, _between(0, 7200, "seconds (0: never)")]


@dataclass(frozen=True, slots=True)
class Network:
    """Addresses at which Asterisk listens, and those of the trunk. Every socket stays on `bind`, AMI on `ami_bind`."""

    sip_port: Port
    ami_port: Port
    rtp_first: Port
    rtp_last: Port
    bind: Address = "127.0.0.1"
    trunk_match: tuple[Addresses, ...] = ("127.0.0.1",)
    trunk_contact: Contact = ""
    """Address to which calls to the outside go (immediate transfers); empty: nowhere."""
    ami_bind: Address = "127.0.0.1"

    @property
    def ami_address(self) -> str:
        """Address at which the engine finds AMI, and from which it comes."""
        return "127.0.0.1" if self.ami_bind == "0.0.0.0" else self.ami_bind  # noqa: S104  (compared, not bound)


@dataclass(frozen=True, slots=True)
class EntryNumber:
    """A number that citizens dial. `topic`: the survivable menu's topic that dialling it has already chosen."""

    number: Number
    topic: IdOrNone = ""


@dataclass(frozen=True, slots=True)
class ShortCode:
    """Number that any keypad can dial for a colleague (`agent`), or send a caller to (`target`: colleague or queue)."""

    code: Number
    target: Id
    agent: bool = False


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the survivable menu: its code (folder of its prompts), its key, the prompt that offers it."""

    code: Code
    key: Key
    prompt: PromptId


@dataclass(frozen=True, slots=True)
class SurvivableTopic:
    """A choice of the survivable menu, offered by `prompt`; it leads to a queue, or by transfer to a number.

    It is there from `since` (included) until `until` (not): local time as YYYYMMDDhhmm, empty: no such limit.
    """

    id: Id
    key: Key
    prompt: PromptId
    queue: IdOrNone = ""
    transfer: NumberOrNone = ""
    since: Minute = ""
    until: Minute = ""


@dataclass(frozen=True, slots=True)
class Member:
    """An agent of a survivable queue; `penalty` 0 is asked first (Asterisk's word for a low skill level)."""

    agent: Id
    penalty: Annotated[int, _between(0, 100, "levels")] = 0


@dataclass(frozen=True, slots=True)
class SurvivableQueue:
    """A queue of Asterisk's own, used while the engine is away. No caller waits longer than `wait_s`."""

    id: Id
    members: tuple[Member, ...] = ()
    ring_s: Seconds = 15
    wait_s: Seconds = 1800


@dataclass(frozen=True, slots=True)
class SurvivablePrompts:
    """Ids of the prompts that the dialplan plays by itself: `<sounds>/<language>/<id>.wav` (or .sln, .alaw)."""

    invalid: PromptId = "invalid"
    connecting: PromptId = "connecting"
    waiting: PromptId = "waiting"
    goodbye: PromptId = "goodbye"


@dataclass(frozen=True, slots=True)
class Survivable:
    """The line without its engine: language, topic, queue; after `tries` failures the default queue anyway."""

    languages: tuple[Language, ...]
    topics: tuple[SurvivableTopic, ...]
    queues: tuple[SurvivableQueue, ...]
    default_queue: Id
    prompts: SurvivablePrompts = SurvivablePrompts()
    tries: Annotated[int, _between(1, 9, "tries")] = 3
    key_s: Seconds = 6
    announce_s: Seconds = 30
    zone: Zone = "Europe/Athens"


@dataclass(frozen=True, slots=True)
class AdmissionLimits:
    """The limits by which the dialplan lets calls in, before anything costly.

    ``told``: callers who may hear ``prompt`` at once; the others get 503. ``switchboards``: numbers in national form
    without the limits of one number. ``descriptors``: RLIMIT_NOFILE.
    """

    citizens: Count = 1000
    told: Annotated[int, _between(0, 1000, "calls")] = 10
    prompt: PromptId = "alone.busy"
    per_second: Count = 1000
    caller_at_once: Count = 1000
    caller_per_minute: Count = 10_000
    switchboards: tuple[Number, ...] = ()
    descriptors: Annotated[int, _between(256, 1_000_000, "descriptors")] = 8000


@dataclass(frozen=True, slots=True)
class AsteriskSettings:
    """All that the templates of `asterisk-config/` need."""

    network: Network
    entries: tuple[EntryNumber, ...]
    agents: tuple[Id, ...]
    survivable: Survivable
    sounds: Folder
    music: Folder
    door: AdmissionLimits = AdmissionLimits()
    short_codes: tuple[ShortCode, ...] = ()
    transfers: tuple[Number, ...] = ()
    """Numbers to which an agent's phone may transfer a caller by itself (SIP REFER)."""
    first_lease_s: Seconds = 3
    """Seconds that a call waits for the engine to take it; from then on the engine gives it its lease and renews it."""
    offer_wait_s: Seconds = 10
    """Seconds that an agent who picked up waits in silence for the caller."""
    consult_ring_s: Seconds = 20
    """Seconds that a colleague's phone rings for a consultation."""
    probe_s: Annotated[int, _between(45, 600, "seconds")] = 45
    """Seconds between two questions to every phone in a call whether it is there; RFC 4028 forbids less."""
    agent_rtp_timeout_s: SecondsOrNever = 600
    """The phone of a talking agent that answers, and sends no sound for so long, is cut. On hold it may be silent."""
    trunk_rtp_timeout_s: SecondsOrNever = 3600
    qualify_s: SecondsOrNever = 30
    """Seconds between two questions to a registered phone whether it is there; one that does not answer is not rung."""


def check(settings: AsteriskSettings) -> None:
    """Raises AsteriskSettingsError with every problem at once: bad values, double ids, names that lead nowhere."""
    problems = (*_bad_values(settings, ""), *_doubles(settings), *_dangling(settings), *_odd_ranges(settings))
    if problems:
        raise AsteriskSettingsError(problems)


def _bad_values(part: Any, path: str) -> Iterator[str]:
    for name, hint in get_type_hints(type(part), include_extras=True).items():
        value = getattr(part, name)
        if isinstance(value, tuple):
            for number, item in enumerate(value):
                yield from _bad_value(item, get_args(hint)[0], f"{path}{name}[{number}]")
        else:
            yield from _bad_value(value, hint, f"{path}{name}")


def _bad_value(value: Any, hint: Any, path: str) -> Iterator[str]:
    if is_dataclass(value):
        yield from _bad_values(value, f"{path}.")
    else:
        rules = getattr(hint, "__metadata__", ())
        yield from (f"{path}: {str(value)!r} is not {rule.what}" for rule in rules if not rule.holds(value))


def _doubles(settings: AsteriskSettings) -> Iterator[str]:
    alone = settings.survivable
    named = {
        "entries": [entry.number for entry in settings.entries],
        "short_codes": [
            *(short.code for short in settings.short_codes),
            *settings.transfers,
            *(e.number for e in settings.entries),
        ]
        if settings.short_codes
        else [],
        "agents": ["trunk", "no-replaces", "agent", "seat", "media", "udp", "global", "system", *settings.agents],
        "survivable.languages": [language.key for language in alone.languages],
        "survivable.topics (keys)": [topic.key for topic in alone.topics],
        "survivable.topics (ids)": [topic.id for topic in alone.topics],
        "survivable.queues": [queue.id for queue in alone.queues],
    }
    for where, names in named.items():
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{where}: {name!r} stands there twice, or is a name that Asterisk's files need themselves"


def _dangling(settings: AsteriskSettings) -> Iterator[str]:
    alone = settings.survivable
    queues, topics = {queue.id for queue in alone.queues}, {topic.id for topic in alone.topics}
    if not alone.languages:
        yield "survivable.languages: at least one is needed"
    if alone.default_queue not in queues:
        yield f"survivable.default_queue: there is no queue {alone.default_queue!r}"
    for topic in alone.topics:
        if bool(topic.queue) == bool(topic.transfer) or (topic.queue and topic.queue not in queues):
            yield f"survivable.topics: {topic.id!r} must lead either to a queue that exists or to a transfer"
    for entry in settings.entries:
        if entry.topic and entry.topic not in topics:
            yield f"entries: {entry.number!r} leads to {entry.topic!r}, which is no topic"
    for short in settings.short_codes:
        if short.target not in (settings.agents if short.agent else queues):
            yield f"short_codes: {short.code!r} leads to {short.target!r}, which is nobody"
    for queue in alone.queues:
        for member in queue.members:
            if member.agent not in settings.agents:
                yield f"survivable.queues: {queue.id!r} has a member {member.agent!r}, who is no agent"


def _odd_ranges(settings: AsteriskSettings) -> Iterator[str]:
    net = settings.network
    if net.rtp_last < net.rtp_first + 3:
        yield f"network.rtp_last: {net.rtp_last} leaves no room above network.rtp_first {net.rtp_first}"
