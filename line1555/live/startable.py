"""Find what Asterisk would refuse in a line's settings, told by the keys of the admin's files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from calls import Problem
from sites import Site
from sites.yamlfile import Document, Keys, read
from telephony.asterisk import AsteriskSettings, AsteriskSettingsError, check

from . import survivable

_KEYS: dict[str, tuple[str, Keys]] = {
    "network.bind": ("site.yaml", ("sip", "host")),
    "network.sip_port": ("site.yaml", ("sip", "port")),
    "network.ami_port": ("site.yaml", ("ami", "port")),
    "network.rtp_first": ("site.yaml", ("sip", "rtp_first")),
    "network.rtp_last": ("site.yaml", ("sip", "rtp_last")),
    "network.trunk_match": ("site.yaml", ("trunk", "match")),
    "network.trunk_contact": ("site.yaml", ("trunk", "contact")),
    "network": ("site.yaml", ("sip",)),
    "entries": ("line.yaml", ("numbers",)),
    "transfers": ("site.yaml", ("external_numbers",)),
    "agents": ("agents.yaml", ("agents",)),
    "survivable.languages": ("line.yaml", ("languages",)),
    "survivable.topics": ("line.yaml", ("topics",)),
    "survivable.queues": ("queues.yaml", ("queues",)),
    "survivable.default_queue": ("line.yaml", ("operator_queue",)),
    "survivable.zone": ("site.yaml", ("zone",)),
    "hb_stale_s": ("site.yaml", ("watch", "heartbeat_stale_s")),
    "first_lease_s": ("site.yaml", ("watch", "lease_s")),
}
"""Keys of the admin's files from which the fields of Asterisk's settings come."""


def problems(site: Site) -> list[Problem]:
    """Find what keeps the line from starting; empty where nothing does that can be seen here."""
    documents = _Documents(site.directory)
    return [*_prompts(site, documents), *_refused(site, documents)]


class _Documents:
    """The files, read where something is wrong with them."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._read = folder, dict[str, Document]()

    def problem(self, file: str, keys: Keys, found: str, expected: str) -> Problem:
        """Make a problem at the place of these keys; the file is read the first time only."""
        if file not in self._read:
            path = self._folder / file
            self._read[file] = read(path)[0] or Document(str(path), None, {})
        return self._read[file].problem(keys, found, expected)


def _prompts(site: Site, documents: _Documents) -> Iterator[Problem]:
    for name in sorted(survivable.needed_prompts(site) - set(site.texts)):
        yield documents.problem("prompts.yaml", ("prompts", name), "nothing", "a text: the survivable menu says it")


def _refused(site: Site, documents: _Documents) -> Iterator[Problem]:
    try:
        check(_settings(site))
    except AsteriskSettingsError as error:
        for told in error.problems:
            where, _, what = told.partition(": ")
            found, isnt, expected = what.partition(" is not ")
            file, keys = _place(where)
            yield documents.problem(file, keys, found, expected if isnt else "one that Asterisk can take")


def _settings(site: Site) -> AsteriskSettings:
    """Without who answers in the survivable queues: agents times queues, and each is judged on its own already."""
    nobody = replace(site, line=replace(site.line, agents={}))
    settings = survivable.asterisk_settings(nobody, Path("/sounds"), Path("/music"))
    return replace(settings, agents=tuple(site.line.agents))


def _place(field: str) -> tuple[str, Keys]:
    """The longest known beginning of a field's name."""
    name = re.sub(r"\[\d+\]| \(.*\)", "", field)
    while name and name not in _KEYS:
        name = name.rpartition(".")[0]
    return _KEYS.get(name, ("site.yaml", (field,)))
