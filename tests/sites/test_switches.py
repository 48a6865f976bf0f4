"""``nodes`` of site.yaml: addresses of further Asterisks, and what two of them may not share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from calls import SettingsError
from line1555.cli.default_site import DEFAULT_SITE
from line1555.live import privates
from sites import Site, load_site

FURTHER = "nodes: {n2: {sip: {host: 127.0.0.2, port: 5060}, ami: {port: 5048}}}"


def site_with(folder: Path, nodes: str) -> Site:
    shutil.copytree(DEFAULT_SITE, folder / "site")
    with (folder / "site" / "site.yaml").open("a") as file:
        file.write(nodes + "\n")
    return load_site(folder / "site")


def test_a_node_has_the_lines_settings_at_its_own_addresses(tmp_path: Path) -> None:
    site = site_with(tmp_path, FURTHER)
    made = privates.settings_of(site, tmp_path / "run", "n1")
    assert [(name, s.network.bind, s.network.sip_port, s.network.ami_port) for name, s in made.items()] == [
        ("n1", "127.0.0.1", 5060, 5038),
        ("n2", "127.0.0.2", 5060, 5048),
    ]
    assert made["n1"].entries == made["n2"].entries and made["n1"].sounds == made["n2"].sounds
    assert made["n1"].agents == made["n2"].agents


def test_two_nodes_have_room_for_twice_the_citizens(tmp_path: Path) -> None:
    one = load_site(DEFAULT_SITE).line.most_calls
    assert one is not None and site_with(tmp_path, FURTHER).line.most_calls == 2 * one


@pytest.mark.parametrize(
    ("nodes", "where"),
    [
        ("nodes: {n2: {sip: {port: 5060, rtp_first: 20000, rtp_last: 29999}, ami: {port: 5048}}}", "nodes.n2.sip.port"),
        (FURTHER.replace("5048", "5038"), "nodes.n2.ami.port"),
        ("nodes: {n2: {sip: {port: 5070}, ami: {port: 5048}}}", "nodes.n2.sip.rtp_first"),
        (FURTHER.replace("n2", "n1"), "nodes.n1"),
        (FURTHER.replace("n2", "n-2"), "nodes"),
    ],
    ids=["sip", "ami", "rtp", "the first one's name", "a name with a dash"],
)
def test_what_two_nodes_would_share_is_named(tmp_path: Path, nodes: str, where: str) -> None:
    with pytest.raises(SettingsError) as caught:
        site_with(tmp_path, nodes)
    assert any(problem.key.startswith(where) for problem in caught.value.problems), caught.value.problems


def test_a_further_node_has_the_passwords_of_the_first(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text('{"ami": "x"}')
    privates.share_secrets(tmp_path, tmp_path / "nodes" / "n2")
    copied = tmp_path / "nodes" / "n2" / "secrets.json"
    assert copied.read_text() == '{"ami": "x"}' and copied.stat().st_mode & 0o777 == 0o600
