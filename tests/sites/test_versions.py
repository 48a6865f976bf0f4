"""Versions: numbered, unchanging, one at a time; what of a folder they hold, and how they differ."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from calls import SettingsError
from sites import VersionError, Versions, difference, digest_of
from sites.versions import CARD, files_of

SHIPPED = Path(__file__).parents[2] / "dialplans" / "1555"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "site", ignore=shutil.ignore_patterns("recordings")))


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    return Versions(tmp_path / "run")


def change(site: Path, old: str = "timeout_s: 4", new: str = "timeout_s: 6", file: str = "menus.yaml") -> None:
    path = site / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def published(versions: Versions, site: Path, why: str = "why", by: str = "maria") -> int:
    with versions.alone():
        version = versions.stage(site, by, why)
        versions.commit(version)
    return version.number


def test_versions_are_numbered_and_say_who_when_why(versions: Versions, site: Path) -> None:
    assert versions.newest() is None and versions.all() == []
    assert published(versions, site) == 1
    change(site)
    assert published(versions, site, "slower\x1b[31m\r\n people") == 2
    first, second = versions.all()
    assert (first.number, first.after, second.number, second.after) == (1, 0, 2, 1)
    assert (second.by, second.why) == ("maria", "slower [31m people"), "one line, and nothing for the terminal"
    assert second.source == str(site) and versions.newest() == second
    assert first.digest != second.digest == digest_of(site)


def test_what_a_version_holds_cannot_be_written_to(versions: Versions, site: Path) -> None:
    published(versions, site)
    files = [path for path in versions.path(1).rglob("*") if path.is_file()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o400}
    assert versions.folder.stat().st_mode & 0o777 == 0o700


def test_secrets_notes_and_hidden_files_stay_out(site: Path) -> None:
    for name in ("token", ".menus.yaml.swp", "notes.txt", ".hidden/x.yaml", "tests/.x.yaml", "tests/one.yaml"):
        (site / name).parent.mkdir(exist_ok=True)
        (site / name).write_text("tests: {}\n")
    (site / "recordings" / "el").mkdir(parents=True)
    (site / "recordings" / "el" / "queue.full.wav").write_bytes(b"RIFF")
    held = {file.as_posix() for file in files_of(site)}
    assert {"menus.yaml", "tests/one.yaml", "recordings/el/queue.full.wav"} <= held
    assert not {name for name in held if "token" in name or "notes" in name or "/." in name or name.startswith(".")}


def test_a_version_knows_its_number_and_where_its_tokens_are(versions: Versions, site: Path) -> None:
    published(versions, site)
    loaded = versions.site(versions.card(1))
    assert loaded.line.menus.version == 1 and loaded.home == site


def test_a_version_that_was_changed_is_refused(versions: Versions, site: Path) -> None:
    published(versions, site)
    file = versions.path(1) / "menus.yaml"
    file.chmod(0o600)
    change(versions.path(1))
    with pytest.raises(SettingsError, match="found changed files, expected the files that were published"):
        versions.site(versions.card(1))


def test_nothing_new_is_no_version(versions: Versions, site: Path) -> None:
    published(versions, site)
    with versions.alone(), pytest.raises(VersionError, match="nothing has changed since version 1"):
        versions.stage(site, "maria", "again")
    assert len(versions.all()) == 1


def test_one_at_a_time(versions: Versions, site: Path) -> None:
    with versions.alone(), pytest.raises(VersionError, match="somebody else is publishing"), versions.alone():
        pass


def test_what_was_staged_counts_only_after_the_commit(versions: Versions, site: Path) -> None:
    published(versions, site)
    change(site)
    with versions.alone():
        staged = versions.stage(site, "maria", "why")
        assert versions.staged(2) == staged and len(versions.all()) == 1
        versions.discard(staged)
        with pytest.raises(VersionError, match="version 2 is not ready"):
            versions.staged(2)
        versions.commit(versions.stage(site, "maria", "why"))
    assert [version.number for version in versions.all()] == [1, 2]
    for number in (1, 2, 4, -3):
        with pytest.raises(VersionError, match="is not ready"):
            versions.staged(number)


def test_a_publication_that_was_cut_off_leaves_nothing_in_the_way(versions: Versions, site: Path) -> None:
    with versions.alone():
        versions.stage(site, "maria", "then the power went")
    (versions.folder / ".0001" / "half.yaml").write_text("a: [")
    assert published(versions, site) == 1 and not (versions.path(1) / "half.yaml").exists()


def test_an_older_version_comes_back_as_a_new_one(versions: Versions, site: Path) -> None:
    published(versions, site)
    change(site)
    published(versions, site)
    with versions.alone():
        versions.commit(versions.stage(versions.path(1), "nikos", "back", again=1))
    third = versions.card(3)
    assert (third.again, third.after, third.digest) == (1, 2, versions.card(1).digest)
    assert third.source == str(site), "tokens are where they always were"


def test_no_such_version(versions: Versions, site: Path) -> None:
    with pytest.raises(VersionError, match="nothing was published yet"):
        versions.card(1)
    published(versions, site)
    with pytest.raises(VersionError, match="no version 7: there are 1 to 1"):
        versions.card(7)


@pytest.mark.parametrize("card", ["", "{}", "[1]", '{"number": 2}', "\x00"])
def test_a_folder_without_a_card_is_no_version(versions: Versions, site: Path, card: str) -> None:
    published(versions, site)
    (versions.folder / "0002").mkdir()
    (versions.folder / "0002" / CARD).write_text(card)
    assert [version.number for version in versions.all()] == [1]


def test_more_than_9999_versions(versions: Versions, site: Path) -> None:
    published(versions, site)
    card = json.loads((versions.path(1) / CARD).read_text())
    folder = versions.path(12345)
    folder.mkdir()
    (folder / CARD).write_text(json.dumps({**card, "number": 12345, "digest": "x"}))
    newest = versions.newest()
    assert newest is not None
    assert newest.number == 12345
    assert published(versions, site) == 12346


def test_the_difference_between_two(site: Path, tmp_path: Path) -> None:
    new = Path(shutil.copytree(site, tmp_path / "new"))
    assert difference(site, new) == []
    change(new)
    for folder, sound in ((site, b"a"), (new, b"b")):
        (folder / "recordings" / "el").mkdir(parents=True)
        (folder / "recordings" / "el" / "queue.full.wav").write_bytes(sound)
    (site / "recordings" / "el" / "gone.wav").write_bytes(b"")
    (new / "recordings" / "el" / "new.wav").write_bytes(b"")
    lines = difference(site, new)
    assert "-    timeout_s: 4" in lines and "+    timeout_s: 6" in lines and "--- a/menus.yaml" in lines
    assert [line for line in lines if line.startswith("recording")] == [
        "recording recordings/el/gone.wav is gone",
        "recording recordings/el/new.wav is new",
        "recording recordings/el/queue.full.wav has changed",
    ]
