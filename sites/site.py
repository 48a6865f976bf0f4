"""A site: the folder of YAML files that makes an engine this line and not another. All of it, or every problem at once.

    line.yaml  menus.yaml  prompts.yaml  queues.yaml  agents.yaml  site.yaml

The first five say how the line behaves, the last where it runs: addresses, ports, outside systems.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from agents import Code
from calls import AgentAction, ContractError, Problem, QueueId, SettingsError
from engine import AGENT_EXTRAS, CallbackRules, LineSettings, PhoneRules
from ivr.texts import Texts

from . import (
    checker,
    desk,
    findings,
    limits,
    loader,
    losses,
    people_file,
    queues_file,
    schema,
    schema_hours,
    schema_line,
    schema_menus,
    switches,
    tests_file,
)
from .advice import advise
from .budget import Budget
from .defaults import default_of
from .fields import Host, Port
from .keep import KeepSettings
from .limits import LimitsSettings
from .loader import Loaded
from .mqtt import MqttSettings
from .switches import AmiSettings, NodeAddresses, NodeName, SipSettings
from .zones import table_of

# --- site.yaml --------------------------------------------------------------------------------------------------------


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise PydanticCustomError("expected", "{expected}", {"expected": "a time zone, e.g. Europe/Athens"}) from None
    return name


def _network(text: str) -> str:
    try:
        ipaddress.IPv4Network(text)
    except ValueError:
        expected = "an IPv4 address or a network, e.g. 10.0.0.5 or 10.0.0.0/24"
        raise PydanticCustomError("expected", "{expected}", {"expected": expected}) from None
    return text


Contact = Annotated[
    str, schema.matching(r"sip:[A-Za-z0-9][A-Za-z0-9.-]{0,252}(:[0-9]{1,5})?", "a SIP address, e.g. sip:10.0.0.1:5060")
]
Url = Annotated[
    str, schema.matching(r"[a-z][a-z0-9+]{1,30}://\S{1,500}", "a database address, e.g. sqlite:///run/x.db")
]


class TrunkSettings(schema.Strict):
    """Addresses of callers (``match``), and where outside numbers are dialled (``contact``; none: nowhere)."""

    match: list[Annotated[str, AfterValidator(_network)]] = Field(default=["127.0.0.1"])
    contact: Contact | None = None


Silence = Annotated[int, Field(ge=0, le=7200)]


class MediaSettings(schema.Strict):
    """Phones that are gone without a word. Every phone in a call is asked each ``probe_s`` (SIP session refresh).

    One that answers may be silent (a mute button, silence suppression), though not longer than its side's time-out
    (0: for ever). One on hold may be.
    """

    probe_s: Annotated[int, Field(ge=45, le=600)] = 45
    agent_rtp_timeout_s: Silence = 600
    caller_rtp_timeout_s: Silence = 3600


class TrafficSettings(schema.Strict):
    """Hours that always have calls: so many minutes without one are an alarm (0: never)."""

    quiet_min: Annotated[int, Field(ge=0, le=1440)] = 15
    days: schema_hours.Days = "mon-fri"
    hours: schema_hours.Span = "09:00-14:00"


class EngineWatch(schema.Strict):
    """Seconds until Asterisk's own menu takes over when the engine is gone."""

    lease_s: Annotated[float, Field(ge=2, le=60, allow_inf_nan=False)] = 6.0
    heartbeat_stale_s: Annotated[float, Field(ge=2, le=60, allow_inf_nan=False)] = 3.0


class PhoneSettings(schema.Strict):
    """Seconds until agents whose phone cannot be reached are not ready, come back, and are logged out."""

    gone_after_s: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] = default_of(PhoneRules, "gone_after_s")
    grace_s: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] = default_of(PhoneRules, "grace_s")
    back_within_s: Annotated[float, Field(ge=0, le=86400, allow_inf_nan=False)] = default_of(
        PhoneRules, "back_within_s"
    )
    log_out_after_s: Annotated[float, Field(ge=60, le=86400, allow_inf_nan=False)] = default_of(
        PhoneRules, "log_out_after_s"
    )


class RecordsSettings(schema.Strict):
    """The reporting database; none: SQLite in the run directory."""

    url: Url | None = None


class MetricsSettings(schema.Strict):
    host: Host = "127.0.0.1"
    port: Port = 9155


def _service(url: str) -> str:
    """Check a service's address. What callers typed goes there: in the clear only within this machine."""
    host = urlsplit(url).hostname or ""
    if url.startswith("http:") and host not in ("localhost", "127.0.0.1", "::1"):
        expected = "https, or an address of this machine such as http://127.0.0.1:8080/tickets"
        raise PydanticCustomError("expected", "{expected}", {"expected": expected})
    return url


ServiceUrl = Annotated[
    str,
    schema.matching(
        r"https?://([A-Za-z0-9.-]{1,253}|\[[0-9a-f:]{2,39}\])(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]{0,200})?",
        "an address without user, query and fragment, e.g. https://tickets.example/status",
    ),
    AfterValidator(_service),
]


class LookupSettings(schema.Strict):
    """A web service that nodes of type lookup may ask: GET, an answer in JSON. ``token_file``: a bearer token."""

    url: ServiceUrl
    timeout_s: Annotated[float, Field(ge=0.1, le=20, allow_inf_nan=False)] = 2.0
    retries: Annotated[int, Field(ge=0, le=5)] = 1
    token_file: Annotated[str, Field(min_length=1, max_length=500)] | None = None


class SiteSettings(schema.Strict):
    """``site.yaml``: where the line runs. ``board_language`` is that of the terminal board."""

    zone: Annotated[str, AfterValidator(_zone)] = "Europe/Athens"
    board_language: schema.Language = "el"
    sip: SipSettings = SipSettings()
    ami: AmiSettings = AmiSettings()
    nodes: dict[NodeName, NodeAddresses] = Field(default={}, max_length=7)
    trunk: TrunkSettings = TrunkSettings()
    media: MediaSettings = MediaSettings()
    traffic: TrafficSettings = TrafficSettings()
    external_numbers: list[schema.Number] = Field(default=[])
    watch: EngineWatch = EngineWatch()
    phones: PhoneSettings = PhoneSettings()
    records: RecordsSettings = RecordsSettings()
    mqtt: MqttSettings = MqttSettings()
    metrics: MetricsSettings = MetricsSettings()
    keep: KeepSettings = KeepSettings()
    lookups: dict[schema.Id, LookupSettings] = Field(default={}, max_length=50)
    limits: LimitsSettings = LimitsSettings()


# --- the whole site ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Site:
    """Everything in the folder. ``home``: the folder with the tokens, from which a version was published."""

    directory: Path
    line: LineSettings
    texts: Texts
    settings: SiteSettings
    roles: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()
    """Warnings: what a caller would find tedious, what has no room; the line runs all the same."""
    home: Path | None = None
    tests: tuple[Loaded[tests_file.TestsFile], ...] = ()
    short_codes: Mapping[str, str] = field(default_factory=dict)
    """Codes that any keypad can dial, or send a caller to: code -> queue or agent."""

    @property
    def room(self) -> Budget:
        """Calls for which the ports for sound are enough."""
        return limits.room(self.settings.sip, self.settings.limits, len(self.line.agents))

    @property
    def recordings(self) -> Path:
        """Studio recordings, ``<language>/<prompt id>.wav``, that replace the spoken texts."""
        return self.directory / "recordings"


Judge = Callable[[Site], Iterable[Problem]]
"""Finds what is wrong with a site that is in order by itself."""


def callable_line(site: Site) -> LineSettings:
    """Give the line's settings for live use: without a trunk nobody can be dialled, so no callback is promised."""
    if site.settings.trunk.contact:
        return site.line
    return replace(site.line, callbacks=replace(site.line.callbacks, numbers=()))


@dataclass(frozen=True, slots=True)
class _Files:
    line: Loaded[schema_line.LineFile]
    menus: Loaded[schema_menus.MenusFile]
    prompts: Loaded[schema.PromptsFile]
    queues: Loaded[schema.QueuesFile]
    agents: Loaded[schema.AgentsFile]
    site: Loaded[SiteSettings]

    def all(self) -> dict[str, Loaded[Any]]:
        """Give the files by name, without the folder."""
        files: tuple[Loaded[Any], ...] = (self.line, self.menus, self.prompts, self.queues, self.agents, self.site)
        return {Path(loaded.file).name: loaded for loaded in files}


def load_site(directory: Path, judge: Judge | None = None) -> Site:
    """Load the site in ``directory``. Raises ``SettingsError`` with all problems of all files, and of ``judge``."""
    files = _read(directory)
    problems = [problem for loaded in files.all().values() for problem in loaded.problems]
    problems += people_file.problems(files.agents)
    problems += switches.problems(files.site)
    problems += _site_problems(files)
    problems += queues_file.policy_problems(files.queues)
    problems += loader.problems_of(_judge(files), files.all())
    tests = tests_file.read(directory)
    problems += [problem for loaded in tests for problem in loaded.problems]
    if problems:
        raise SettingsError(problems)
    site = replace(_build(directory, files), tests=tests)
    names = tests_file.Names(site.line, site.texts, site.settings.lookups, site.roles)
    if problems := [*tests_file.problems(tests, names), *(judge(site) if judge else ())]:
        raise SettingsError(problems)
    return site


def _read(directory: Path) -> _Files:
    return _Files(
        loader.load(directory / findings.LINE, schema_line.LineFile),
        loader.load(directory / findings.MENUS, schema_menus.MenusFile),
        loader.load(directory / findings.PROMPTS, schema.PromptsFile),
        loader.load(directory / findings.QUEUES, schema.QueuesFile),
        loader.load(directory / findings.AGENTS, schema.AgentsFile),
        loader.load(directory / "site.yaml", SiteSettings),
    )


def _build(directory: Path, files: _Files) -> Site:
    line, tree, prompts = files.line.model, files.menus.model, files.prompts.model
    queues, people, site = files.queues.model, files.agents.model, files.site.model
    if not (line and tree and prompts and queues and people and site):
        raise ContractError("a file that could not be read came without a problem")
    menus, agents = loader.menus(line, tree), people_file.settings_of(people, line.languages[0])
    room = limits.room(site.sip, site.limits, len(agents))
    further = [limits.room(node.sip, site.limits, len(agents)).citizens for node in site.nodes.values()]
    settings = LineSettings(
        menus=menus,
        queues=queues_file.settings_of(queues),
        agents=agents,
        codes={code: Code(AgentAction(part.action), part.reason or "") for code, part in people.codes.items()},
        zone=table_of(ZoneInfo(site.zone)),
        queue_hours={queue: menus.hours[name] for queue, name in queues_file.hours_of(queues).items()},
        phones=PhoneRules(**site.phones.model_dump()),
        shown=dict(line.shown),
        agent_extras=AGENT_EXTRAS & set(loader.texts(prompts)),
        callbacks=CallbackRules(**{**line.callbacks.model_dump(), "numbers": tuple(line.callbacks.numbers)}),
        most_calls=sum((room.citizens, *further)),
    )
    texts = loader.texts(prompts)
    lost = losses.losses(menus, texts, queues, people)
    advised = loader.problems_of([*advise(menus), *lost], files.all())
    advised += limits.advise(files.site, room, settings.queues.values(), prompts.prompts)
    codes = desk.short_codes(queues, people, settings.agents, _dialled(files))
    warnings = tuple(sorted(advised))
    return Site(directory, settings, texts, site, tuple(line.roles), warnings, short_codes=codes)


def _hours_of(queues: schema.QueuesFile | None) -> dict[QueueId, str]:
    return queues_file.hours_of(queues) if queues else {}


def _judge(files: _Files) -> list[findings.Finding]:
    """Find what is wrong between the files, as far as they could be read."""
    line, tree = files.line.model, files.menus.model
    if line is None or tree is None:
        return []
    prompts, queues, people, site = files.prompts.model, files.queues.model, files.agents.model, files.site.model
    whole_agents = people if not files.agents.broken else None
    lines = queues_file.settings_of(queues) if queues else None
    return checker.check(
        findings.CheckInput(
            menus=loader.menus(line, tree),
            roles=line.roles if not files.line.broken_names("roles") else None,
            texts=loader.texts(prompts) if prompts else None,
            queues={name: queue.requires for name, queue in lines.items()} if lines is not None else None,
            rules=queues_file.rules_of((lines or {}).values(), line.languages, _hours_of(queues)),
            agents=people_file.skills_by_entry(whole_agents) if whole_agents else None,
            named={name: part.skills.keys() for name, part in people.agents.items()} if people else {},
            external=site.external_numbers if site and not files.site.broken else None,
            lookups=site.lookups if site and not files.site.broken else None,
            broken={
                "numbers": files.line.broken_names("numbers"),
                "hours": files.line.broken_names("hours"),
                "topics": files.line.broken_names("topics"),
                "nodes": files.menus.broken_names("nodes"),
                "prompts": files.prompts.broken_names("prompts"),
                "numbered": files.prompts.broken_names("numbered"),
                "queues": files.queues.broken_names("queues"),
            },
        )
    )


def _dialled(files: _Files) -> dict[str, str]:
    """Give the numbers that agents' phones already dial or send callers to, and the line's own."""
    site, line = files.site.model, files.line.model
    ours = dict.fromkeys(line.numbers if line else (), "a number of the line")
    return ours | dict.fromkeys(site.external_numbers if site else (), "an outside number")


def _site_problems(files: _Files) -> Iterator[Problem]:
    site, line = files.site.model, files.line.model
    if site and site.sip.rtp_last < site.sip.rtp_first + 1:
        yield files.site.problem(("sip", "rtp_last"), str(site.sip.rtp_last), f"more than {site.sip.rtp_first}")
    if site and line and site.board_language not in line.languages:
        expected = f"one of {', '.join(line.languages)}"
        yield files.site.problem(("board_language",), repr(site.board_language), expected)
    yield from desk.shown_problems(files.line)
    yield from desk.short_problems(files.queues, files.agents, _dialled(files))
    if line and (people := files.agents.model):
        for name, part in people.agents.items():
            if part.language and part.language not in line.languages:
                expected = f"one of {', '.join(line.languages)}"
                yield files.agents.problem(("agents", name, "language"), repr(part.language), expected)
