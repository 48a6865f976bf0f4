"""The files that Asterisk reads: what must stand in them, who may read them, which run directories are refused."""

from __future__ import annotations

import json
import re
import shutil
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from telephony.asterisk import AsteriskMissingError, AsteriskSettingsError, Secrets, keep_secrets, read_launch, render
from telephony.asterisk.render import texts

from .site import LAUNCH, SITE

SECRETS = Secrets("amisecret", {"agent001": "pw1", "agent002": "pw2"})


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return texts(SITE, LAUNCH, Path("/run/line"), SECRETS)


def section(text: str, head: str) -> list[str]:
    """The lines of an ini section, without comments."""
    body = re.split(r"^\[", text.split(f"\n{head}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    return [row for row in body.splitlines() if row and not row.startswith(";")]


def test_modules_are_listed_one_by_one(files: dict[str, str]) -> None:
    assert "autoload = no" in files["modules.conf"]
    assert "app_system" not in files["modules.conf"] and "func_shell" not in files["modules.conf"]


def test_everything_listens_on_the_address_of_the_settings() -> None:
    files = texts(replace(SITE, network=replace(SITE.network, bind="10.1.2.3")), LAUNCH, Path("/run/line"), SECRETS)
    assert "bind = 10.1.2.3:5060" in files["pjsip.conf"]
    assert "media_address = 10.1.2.3" in files["pjsip.conf"]


def test_the_manager_stays_on_loopback_wherever_phones_are_served() -> None:
    wide = replace(SITE, network=replace(SITE.network, bind="10.1.2.3"))
    manager = texts(wide, LAUNCH, Path("/run/line"), SECRETS)["manager.conf"]
    assert "bindaddr = 127.0.0.1" in manager and "permit = 127.0.0.1/255.255.255.255" in manager
    elsewhere = replace(wide, network=replace(wide.network, ami_bind="0.0.0.0"))
    manager = texts(elsewhere, LAUNCH, Path("/run/line"), SECRETS)["manager.conf"]
    assert "bindaddr = 0.0.0.0" in manager and "permit = 127.0.0.1/255.255.255.255" in manager


def test_strangers_cannot_soon_use_up_the_places_before_the_login(files: dict[str, str]) -> None:
    assert "authlimit = 200" in files["manager.conf"].splitlines()


def test_the_trunk_is_known_by_address_and_agents_by_password(files: dict[str, str]) -> None:
    assert "identify_by = ip" in section(files["pjsip.conf"], "[trunk](media)")
    assert "allow_transfer = no" in section(files["pjsip.conf"], "[trunk](media)")
    assert "auth = agent001" in section(files["pjsip.conf"], "[agent001](agent)")
    assert files["pjsip.conf"].count("password = pw") == 2


def test_only_chosen_events_are_sent(files: dict[str, str]) -> None:
    rows = [row for row in files["manager.conf"].splitlines() if row.startswith("eventfilter")]
    assert all("action(include)" in row for row in rows)
    assert not [row for row in rows if "VarSet" in row or "TestEvent" in row or "Newexten" in row]


def test_the_dialplan_keeps_its_contract(files: dict[str, str]) -> None:
    text = files["extensions.conf"]
    agi = section(text, "[line-agi]")
    assert agi[:2] == ["exten => s,1,Set(LINE_AGI_AT=${EPOCH})", " same => n,AGI(agi:async,${LINE_SIP})"]
    assert "?Wait(1))" in agi[2], "never a loop without a pause"
    assert agi[3] == " same => n,Goto(line-lease,s,1)"
    assert agi[-2].startswith("exten => T,1,") and agi[-1] == " same => n,Goto(line-lease,s,1)"
    assert " same => n,Bridge(${LINE_PEER},x)" in section(text, "[line-connect]")
    numbers = section(text, "[line-number]")
    assert "exten => 1555,1,Set(LINE_DNIS=1555)" in numbers and "exten => 3011320,1,Set(LINE_DNIS=11320)" in numbers
    assert section(text, "[line-refer]")[:3] == [
        'exten => 15900,1,GotoIf($["${LINE_DNIS}" = ""]?refused,1)',
        " same => n,UserEvent(LineSent,To: 15900,Outside: yes)",
        " same => n,Set(LINE_TARGET=15900)",
    ]
    assert " same => n,UserEvent(LineSent,To: agent001)" in section(text, "[line-refer]")


def test_no_clock_says_whether_the_engine_is_there(files: dict[str, str]) -> None:
    """Clocks are set, here or on the engine's machine. (What comes after: the survivable menu's topics have dates.)"""
    under_the_engine, _ = files["extensions.conf"].split("[line-survive]")
    assert "ENGINE_HB" in under_the_engine
    of_the_engine = [row for row in under_the_engine.splitlines() if "ENGINE_" in row]
    assert not any("EPOCH" in row or "STRFTIME" in row for row in of_the_engine)
    door = under_the_engine.index("[line-door]"), under_the_engine.index("[line-new]")
    rows = (under_the_engine[: door[0]] + under_the_engine[door[1] :]).splitlines()
    assert {row.split(",")[-1].strip() for row in rows if "EPOCH" in row and not row.startswith(";")} == {
        "Set(LINE_AGI_AT=${EPOCH})",
        'ExecIf($["${LINE_AGI_AT}" = "${EPOCH}"]?Wait(1))',
    }, "the pause of a loop is all"


def test_who_is_called_back_comes_under_the_engine_by_his_own_number(files: dict[str, str]) -> None:
    assert section(files["extensions.conf"], "[line-callback]") == [
        "exten => s,1,Set(CALLERID(name)=)",
        " same => n,Set(CALLERID(num)=${FILTER(0-9,${LINE_NUMBER})})",
        " same => n,Goto(line-lease,s,1)",
    ]


def test_an_agent_waits_in_silence_for_a_caller_and_hears_a_citizen_being_dialled(files: dict[str, str]) -> None:
    waits = [row for row in section(files["extensions.conf"], "[line-agent]") if "BridgeWait" in row]
    assert waits == [
        " same => n,BridgeWait(line-offers,participant,e(s)S(10))",
        "exten => callback,1,BridgeWait(line-offers,participant,e(r)S(${LINE_HOLD_S}))",
    ]


def test_the_engine_may_do_no_more_than_it_does(files: dict[str, str]) -> None:
    """Neither ``system`` nor ``command``, ``config`` or ``all``: whoever has the password cannot change Asterisk."""
    assert "write = call,originate,agi,agent,reporting" in files["manager.conf"].splitlines()


def test_agents_dial_codes_colleagues_and_allowed_numbers_only(files: dict[str, str]) -> None:
    rows = section(files["extensions.conf"], "[line-agents]")
    dialled = [row.split(",")[0].removeprefix("exten => ") for row in rows if not row.endswith("Hangup(1)")]
    assert dialled == ["_*X.", "_*X", *SITE.agents, *SITE.transfers]


def test_without_a_way_out_a_transfer_fails_in_words(files: dict[str, str]) -> None:
    closed = texts(replace(SITE, network=replace(SITE.network, trunk_contact="")), LAUNCH, Path("/run/line"), SECRETS)
    assert "Dial(" in files["extensions.conf"]
    assert "Dial(PJSIP/trunk" not in closed["extensions.conf"]
    assert "Set(DIALSTATUS=CHANUNAVAIL)" in closed["extensions.conf"]


def test_the_second_fence_holds_alone() -> None:
    with pytest.raises(AsteriskSettingsError, match="syntax"):
        texts(replace(SITE, agents=("agent001\nx",)), LAUNCH, Path("/run/line"), SECRETS)


def test_files_are_for_the_owner_only(tmp_path: Path) -> None:
    render(SITE, LAUNCH, tmp_path / "run")
    for path in (tmp_path / "run").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_secrets_stay_and_new_agents_get_one(tmp_path: Path) -> None:
    first = keep_secrets(tmp_path, ["agent001"])
    second = keep_secrets(tmp_path, ["agent001", "agent002"])
    assert second.ami == first.ami and second.agents["agent001"] == first.agents["agent001"]
    assert len({first.ami, *second.agents.values()}) == 3
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    assert first.ami not in repr(first)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"ami": 5, "agents": {}}', '{"ami": "x", "agents": [1]}', "gone"])
def test_lost_secrets_come_back_from_what_asterisk_was_given(
    tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    before, path = render(SITE, LAUNCH, tmp_path / "run"), tmp_path / "run" / "secrets.json"
    path.unlink() if damage == "gone" else path.write_text(damage)
    after = render(SITE, LAUNCH, tmp_path / "run")
    assert after == before and "NEW" not in caplog.text
    assert json.loads(path.read_text()) == {"ami": before.ami, "agents": dict(before.agents)}


def test_a_damaged_file_is_set_aside_and_new_passwords_are_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "secrets.json").write_text("{")
    keep_secrets(tmp_path, ["agent001"])
    assert "1 agents have NEW passwords, their phones must be told: agent001" in caplog.text
    assert (tmp_path / "secrets.json.damaged").read_text() == "{"


def test_a_running_line_knows_its_secrets_without_any_file(tmp_path: Path) -> None:
    before = render(SITE, LAUNCH, tmp_path / "run")
    shutil.rmtree(tmp_path / "run")
    assert render(SITE, LAUNCH, tmp_path / "run", before) == before


def test_one_bad_password_costs_only_itself(tmp_path: Path) -> None:
    before = keep_secrets(tmp_path, ["agent001", "agent002"])
    told = {"ami": before.ami, "agents": {**before.agents, "agent001": 7, "agent002": before.agents["agent002"]}}
    (tmp_path / "secrets.json").write_text(json.dumps(told))
    after = keep_secrets(tmp_path, ["agent001", "agent002"])
    assert after.agents["agent002"] == before.agents["agent002"] and isinstance(after.agents["agent001"], str)


def test_a_long_run_directory_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100)
    with pytest.raises(AsteriskSettingsError, match="107"):
        render(SITE, LAUNCH, deep)
    assert not deep.exists()


@pytest.mark.parametrize("name", ["a;b", "a\nb", "a$b"])
def test_an_odd_run_directory_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(AsteriskSettingsError, match="special characters"):
        render(SITE, LAUNCH, tmp_path / name)


def test_no_asterisk_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(AsteriskMissingError, match="line1555 asterisk fetch"):
        read_launch(tmp_path / "launch.json")
