"""Bringing an Asterisk, as an ordinary user: apt with folders of its own, on an archive of this machine."""

from __future__ import annotations

import gzip
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from telephony.asterisk.fetch import CannotError, FetchRequest, fetch, private_apt

ROOT = Path(__file__).resolve().parents[3]
SUITE = "somewhere"
AS_SOMEBODY = """
import os, sys
from pathlib import Path
from telephony.asterisk import fetch
fetch.KEYRING = Path("/nowhere")
if user := int(sys.argv[1]):
    os.setgroups([])
    os.setuid(user)
home = Path(sys.argv[2])
print(len(fetch.download(home / "work", f"[trusted=yes] copy:{home}/archive/site", fetch.FetchRequest("somewhere"))))
"""
CONTROL = """Package: asterisk
Version: 22.1-1
Architecture: all
Maintainer: nobody <nobody@example.com>
Description: stands in for Asterisk
"""

needs_apt = pytest.mark.skipif(not (shutil.which("apt-get") and shutil.which("dpkg-deb")), reason="no Debian here")


def archive(folder: Path) -> Path:
    """A Debian archive with one package, read as a file."""
    package, pool = folder / "package", folder / "site" / "pool"
    (package / "DEBIAN").mkdir(parents=True)
    (package / "DEBIAN" / "control").write_text(CONTROL)
    pool.mkdir(parents=True)
    deb = pool / "asterisk_22.1-1_all.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", package, deb], check=True, capture_output=True)
    index = folder / "site" / "dists" / SUITE / "main"
    arch = subprocess.run(["dpkg", "--print-architecture"], check=True, capture_output=True, text=True).stdout.strip()
    (index / f"binary-{arch}").mkdir(parents=True)
    sums = subprocess.run(["sha256sum", deb], check=True, capture_output=True, text=True).stdout.split()[0]
    entry = f"{CONTROL}Filename: pool/{deb.name}\nSize: {deb.stat().st_size}\nSHA256: {sums}\n"
    (index / f"binary-{arch}" / "Packages.gz").write_bytes(gzip.compress(entry.encode()))
    return folder / "site"


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of `nobody`; pytest's own are closed to other users."""
    with tempfile.TemporaryDirectory(prefix="line1555-fetch-") as name:
        yield Path(name)


def somebody(home: Path) -> int:
    """The user id to drop to, who owns `home`; 0 where we are an ordinary user already."""
    if os.getuid() != 0:
        return 0
    user = pwd.getpwnam("nobody").pw_uid
    os.chown(home, user, -1)
    return user


@needs_apt
def test_an_ordinary_user_gets_packages(home: Path) -> None:
    """For a user who may write nowhere but at home; and nothing is left in /dev, where apt locks beside /dev/null."""
    archive(home / "archive")
    user, devices = somebody(home), set(Path("/dev").iterdir())
    done = subprocess.run(
        [sys.executable, "-c", AS_SOMEBODY, str(user), home],
        cwd=home, env={**os.environ, "HOME": str(home), "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout.strip()) == (0, "1"), done.stderr
    assert set(Path("/dev").iterdir()) - devices == set()


def test_the_list_of_installed_packages_is_a_file_of_its_own(tmp_path: Path) -> None:
    env = private_apt(tmp_path, "http://deb.example", SUITE)
    rows = dict(
        row.split(" ", 1) for row in Path(env["APT_CONFIG"]).read_text().splitlines() if row.startswith("Dir::")
    )
    status = Path(rows["Dir::State::status"].strip('";'))
    assert status.is_file() and status.is_relative_to(tmp_path)


def test_a_folder_that_may_not_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotError, match="--home"):
        fetch(tmp_path / "file" / "asterisk", FetchRequest())


def test_without_any_way_every_reason_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotError) as raised:
        fetch(tmp_path / "home", FetchRequest("no-such-suite", host=False))
    said = str(raised.value)
    assert "--no-host" in said and "is not complete" in said and "apt-get does not start" in said
    assert "line1555 asterisk fetch --suite" in said
