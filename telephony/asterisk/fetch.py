"""Finds an Asterisk to run, or brings Debian's own package of it into a private folder.

Result: `launch.json` in that folder, with the argv prefix that starts it and its module and data folders; that file is
all the rest of the project knows. An `asterisk` of at least OLDEST_MAJOR on PATH is used as it is. Otherwise
apt, with state folders of its own, resolves and downloads the package closure of one Debian suite, and `dpkg -x`
unpacks it: no root, nothing installed, nothing of the host changed.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

OLDEST_MAJOR = 20
DEFAULT_SUITE = "forky"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
HOST_MODULES = ("/usr/lib/*-linux-gnu/asterisk/modules", "/usr/lib/asterisk/modules", "/usr/lib64/asterisk/modules")
HOST_DATA = ("/usr/share/asterisk", "/var/lib/asterisk", "/usr/local/share/asterisk")
LAUNCH = "launch.json"


class CannotError(Exception):
    """Asterisk cannot be had in this way; the text says why."""


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """The Debian suite to take it from; whether one on PATH will do; who hears how far it is."""

    suite: str = DEFAULT_SUITE
    host: bool = True
    say: Callable[[str], None] = lambda _: None


def run(argv: Sequence[str], env: dict[str, str] | None = None) -> str:
    """Runs a program and returns its output; raises CannotError with the last lines of what it said."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C", **(env or {})})
    except OSError as error:
        raise CannotError(f"{argv[0]} does not start: {error.strerror}") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[-4:]
        raise CannotError(f"`{' '.join(argv[:2])}` failed ({done.returncode}): " + " / ".join(said))
    return done.stdout


def version_of(argv: Sequence[str]) -> str:
    """The version an Asterisk tells of itself; raises CannotError when it is older than OLDEST_MAJOR."""
    said = run([*argv, "-V"]).strip()
    found = re.search(r"(\d+)\.\d[\w.~+-]*", said)
    if not found or int(found[1]) < OLDEST_MAJOR:
        raise CannotError(f"{argv[-1]} says {said!r}, {OLDEST_MAJOR} or newer is needed")
    return found[0]


def first_existing(patterns: Sequence[str], what: str) -> Path:
    """Return the first path that exists, by the order of the patterns. Raises CannotError; ``what`` names it there."""
    for pattern in patterns:
        for path in sorted(Path("/").glob(pattern.lstrip("/"))):
            return path
    raise CannotError(f"no {what} found in {', '.join(patterns)}")


def write_launch(home: Path, argv: Sequence[str], modules: Path, data: Path, origin: str) -> str:
    """Writes launch.json last and at once, so its presence means that everything it names is complete."""
    version = version_of(argv)
    launch = {"version": version, "origin": origin, "argv": [*argv], "modules": str(modules), "data": str(data)}
    fresh = home / f"{LAUNCH}.new"
    fresh.write_text(json.dumps(launch, indent=1) + "\n")
    fresh.replace(home / LAUNCH)
    return version


def use_host(home: Path, wanted: FetchRequest) -> str:
    """Uses the Asterisk on PATH; raises CannotError when there is none that fits."""
    if not wanted.host:
        raise CannotError("the host's own is not wanted (--no-host)")
    program = shutil.which("asterisk", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if not program:
        raise CannotError("no `asterisk` on PATH")
    modules = first_existing(HOST_MODULES, "module folder of Asterisk")
    return write_launch(home, [program], modules, first_existing(HOST_DATA, "data folder of Asterisk"), "PATH")


def use_tree(home: Path, wanted: FetchRequest) -> str:
    """Uses the unpacked tree: its own dynamic linker with its own libraries, so the host's libc does not matter."""
    root = home / wanted.suite
    loaders = [*root.glob("usr/lib*/ld-linux-*.so.*"), *root.glob("usr/lib/*/ld-linux-*.so.*")]
    modules = sorted(root.glob("usr/lib/*-linux-gnu/asterisk/modules"))
    if not loaders or not modules:
        raise CannotError(f"{root} is not complete")
    libraries = modules[0].parent.parent
    argv = [str(loaders[0]), "--library-path", str(libraries), str(root / "usr/sbin/asterisk")]
    return write_launch(home, argv, modules[0], root / "usr/share/asterisk", wanted.suite)


def debian_sites() -> list[str]:
    """The archives of this machine's own apt settings, Debian's main one first."""
    rows = run(["apt-get", "indextargets", "--format", "$(SITE)|$(LABEL)", "Created-By: Packages"]).splitlines()
    found = dict.fromkeys(tuple(row.split("|", 1)) for row in rows if "|" in row)
    ranked = sorted(found, key=lambda pair: (pair[1] != "Debian", "security" in pair[0]))
    return list(dict.fromkeys(site for site, _ in ranked))


def private_apt(work: Path, site: str, suite: str) -> dict[str, str]:
    """An apt with folders of its own and of the host only how to reach the network; returns its environment.

    The host's other settings stay out: a container image's clean-up hooks would touch the host's cache. The list of
    installed packages is an empty file of its own: apt locks the file beside it, and beside `/dev/null` only root may.
    """
    for part in ("state/lists/partial", "cache/archives/partial", "etc"):
        (work / part).mkdir(parents=True, exist_ok=True)
    (work / "state/status").touch()
    signed = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
    (work / "etc/sources.list").write_text(f"deb {signed}{site} {suite} main\n")
    network = [row for row in run(["apt-config", "dump"]).splitlines() if row.startswith("Acquire::")]
    ours = {
        "Dir::State": work / "state",
        "Dir::State::status": work / "state/status",
        "Dir::Cache": work / "cache",
        "Dir::Etc::sourcelist": work / "etc/sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferences": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "Dir::Etc::main": "/dev/null",
        "Dir::Etc::parts": "/dev/null",
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
    }
    config = work / "apt.conf"
    config.write_text("\n".join([*network, *(f'{key} "{value}";' for key, value in ours.items())]) + "\n")
    return {"APT_CONFIG": str(config)}


def download(work: Path, site: str, wanted: FetchRequest) -> list[Path]:
    """Downloads Asterisk with everything it needs; returns the packages."""
    env = private_apt(work, site, wanted.suite)
    wanted.say(f"reading the package list of {wanted.suite}")
    run(["apt-get", "-q", "-o", "APT::Update::Error-Mode=any", "update"], env)
    wanted.say("downloading (about 80 MB)")
    run(["apt-get", "-q", "-y", "--download-only", "install", "asterisk"], env)
    return sorted((work / "cache/archives").glob("*.deb"))


def unpack(packages: Sequence[Path], root: Path) -> None:
    """Unpack Debian packages into a new folder, without installing them."""
    root.mkdir()
    for package in packages:
        run(["dpkg", "-x", str(package), str(root)])


def bring(home: Path, wanted: FetchRequest) -> str:
    """Brings the suite's Asterisk into `home`; the tree appears by one rename, so a stop midway is harmless."""
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=home) as name:
        work = Path(name)
        packages = download_from_any(work, wanted)
        wanted.say(f"unpacking {len(packages)} packages")
        unpack(packages, work / "root")
        shutil.rmtree(home / wanted.suite, ignore_errors=True)
        (work / "root").rename(home / wanted.suite)
    return use_tree(home, wanted)


def download_from_any(work: Path, wanted: FetchRequest) -> list[Path]:
    """Tries each archive of the apt settings; raises CannotError telling what each one answered."""
    refused = []
    for number, site in enumerate(debian_sites()):
        try:
            return download(work / f"apt{number}", site, wanted)
        except CannotError as error:
            refused.append(f"archive {number + 1}: {error}")
    raise CannotError("; ".join(refused) or "apt knows no package archive")


def clear_leftovers(home: Path) -> None:
    """Removes what an interrupted run left behind."""
    for leftover in home.glob("fetch-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def explain(reasons: Sequence[str], suite: str, home: Path) -> str:
    """Say why there is no Asterisk, and each way to get one."""
    return "\n".join(
        [
            "there is no Asterisk to run here:",
            *(f"  - {reason}" for reason in reasons),
            "Ways out, any one of them:",
            f"  - install Asterisk {OLDEST_MAJOR} or newer, so that `asterisk` is on PATH",
            f"  - on Debian or a relative: let apt reach an archive that carries the suite {suite!r},",
            "    or name another suite that has Asterisk: line1555 asterisk fetch --suite sid",
            f"  - copy the folder {home} of a machine where it worked, and run this again",
        ]
    )


def fetch(home: Path, wanted: FetchRequest) -> str:
    """Takes the first way that works into the folder `home`; returns the version. Raises CannotError with every reason.

    Two at once: the second waits, and finds it ready.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        with (home / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return _first_way(home, wanted)
    except OSError as error:
        raise CannotError(f"{home}: {error.strerror or error}; --home names another folder") from error


def _first_way(home: Path, wanted: FetchRequest) -> str:
    clear_leftovers(home)
    reasons = []
    for way in (use_host, use_tree, bring):
        try:
            return way(home, wanted)
        except CannotError as error:
            reasons.append(str(error))
    raise CannotError(explain(reasons, wanted.suite, home))
