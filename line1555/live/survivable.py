"""Settings of the private Asterisk, made from the same YAML as the engine's: addresses, numbers, agents, and the menu
it serves alone when the engine is gone.

That menu is one level deep: each topic of line.yaml in order gets the keys 1, 2, 3 ..., and is offered on its days; a
node that dials out keeps the key that leads to it in the real menus. Its texts are the prompts ``alone.<topic>``, or
``alone.<node>``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from agents import AgentSettings
from calls import Attribute, Requirement, Skills, national
from ivr.calendar import Validity
from ivr.nodes.ways import PressKey
from ivr.references import RefKind
from queues import QueueSettings
from sites import Site
from sites.limits import BUSY_PROMPT
from sites.losses import TOPIC_KEYS
from telephony.asterisk import (
    AdmissionLimits,
    AsteriskSettings,
    EntryNumber,
    Language,
    Member,
    Network,
    ShortCode,
    Survivable,
    SurvivablePrompts,
    SurvivableQueue,
    SurvivableTopic,
)

PROMPTS = SurvivablePrompts(
    invalid="common.invalid", connecting="alone.connecting", waiting="alone.waiting", goodbye="common.goodbye"
)
LANGUAGE_PROMPT = "alone.language"
HIGHEST_LEVEL = 10
HIGHEST_PENALTY = 100


def asterisk_settings(site: Site, sounds: Path, music: Path) -> AsteriskSettings:
    """The whole of it. Values are checked where they are rendered."""
    return AsteriskSettings(
        network=_network(site),
        entries=tuple(_entries(site)),
        agents=tuple(site.line.agents),
        survivable=_alone(site),
        sounds=sounds,
        music=music,
        short_codes=tuple(
            ShortCode(code, name, name not in site.line.queues) for code, name in site.short_codes.items()
        ),
        transfers=tuple(site.settings.external_numbers),
        door=_door(site),
        probe_s=site.settings.media.probe_s,
        agent_rtp_timeout_s=site.settings.media.agent_rtp_timeout_s,
        trunk_rtp_timeout_s=site.settings.media.caller_rtp_timeout_s,
        first_lease_s=round(min(site.settings.watch.lease_s, site.settings.watch.heartbeat_stale_s)),
    )


def _door(site: Site) -> AdmissionLimits:
    """The door; a site without a text for the busy announcement (an older version) refuses without words."""
    limits, room = site.settings.limits, site.room
    said = limits.busy == "announce" and BUSY_PROMPT in site.texts
    return AdmissionLimits(
        citizens=room.citizens,
        told=room.told if said else 0,
        prompt=BUSY_PROMPT,
        per_second=limits.per_second,
        caller_at_once=limits.caller_at_once,
        caller_per_minute=limits.caller_per_minute,
        switchboards=tuple(national(number) for number in limits.switchboards),
        descriptors=room.descriptors,
    )


def needed_prompts(site: Site) -> set[str]:
    """The prompts that the dialplan plays by itself."""
    alone = _alone(site)
    said = {PROMPTS.invalid, PROMPTS.connecting, PROMPTS.waiting, PROMPTS.goodbye, LANGUAGE_PROMPT}
    said |= {BUSY_PROMPT} & set(site.texts)
    return said | {topic.prompt for topic in alone.topics}


def trunk_contact(site: Site) -> str:
    """HOST:PORT where outside numbers and citizens are dialled; empty: nowhere."""
    return (site.settings.trunk.contact or "").removeprefix("sip:")


def _network(site: Site) -> Network:
    sip, trunk = site.settings.sip, site.settings.trunk
    return Network(
        bind=sip.host,
        sip_port=sip.port,
        ami_bind="127.0.0.1" if site.settings.ami.host == "localhost" else site.settings.ami.host,
        ami_port=site.settings.ami.port,
        rtp_first=sip.rtp_first,
        rtp_last=sip.rtp_last,
        trunk_match=tuple(trunk.match),
        trunk_contact=trunk_contact(site),
    )


def _entries(site: Site) -> Iterator[EntryNumber]:
    for entry in site.line.menus.entries.values():
        yield EntryNumber(entry.number, dict(entry.sets).get(Attribute.TOPIC, ""))


def _alone(site: Site) -> Survivable:
    menus = site.line.menus
    languages = tuple(Language(code, str(n), LANGUAGE_PROMPT) for n, code in enumerate(menus.languages, 1))
    topics = (*_topics(site), *_outside(site))
    queues = tuple(_queue(queue, site.line.agents.values()) for queue in site.line.queues.values())
    return Survivable(languages, topics, queues, menus.operator_queue, PROMPTS, zone=site.settings.zone)


def _topics(site: Site) -> Iterator[SurvivableTopic]:
    """Give the topics on their days; their hours are the queues' affair, and without the engine there are none."""
    menus = site.line.menus
    for key, (topic, queue) in zip(TOPIC_KEYS, menus.topics.items(), strict=False):
        validity = menus.topic_validity.get(topic, Validity())
        yield SurvivableTopic(
            topic, key, f"alone.{topic}", queue=queue, since=_minute(validity.begins), until=_minute(validity.ends)
        )


def _minute(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y%m%d%H%M}"


def _outside(site: Site) -> Iterator[SurvivableTopic]:
    nodes = site.line.menus.nodes
    ways = (way for node in nodes.values() for way in node.ways())
    keys = {way.goto: way.does.key for way in ways if isinstance(way.does, PressKey)}
    for node in nodes.values():
        for ref in node.names():
            if ref.kind is RefKind.NUMBER and node.id in keys:
                yield SurvivableTopic(node.id, keys[node.id], f"alone.{node.id}", transfer=ref.name)


def _queue(queue: QueueSettings, agents: Iterable[AgentSettings]) -> SurvivableQueue:
    """List who can serve the queue at first, the better first; then, step by step, whom it relaxes to."""
    steps = (queue.requires, *(step.requires for step in queue.relax))
    members = (Member(agent.id, penalty) for agent in agents if (penalty := _penalty(agent.skills, steps)) is not None)
    return SurvivableQueue(queue.id, tuple(members), round(queue.ring_s))


def _penalty(skills: Skills, steps: Sequence[Requirement]) -> int | None:
    """Give the penalty: by the first step and alternative that the agent satisfies, and how far they are above it."""
    for number, step in enumerate(steps):
        for needs in step:
            spare = min((skills.get(need.skill, 0) - need.level for need in needs), default=0)
            if spare >= 0:
                return min((HIGHEST_LEVEL + 1) * number + HIGHEST_LEVEL - spare, HIGHEST_PENALTY)
    return None
