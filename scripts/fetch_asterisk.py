#!/usr/bin/env python3
"""Finds an Asterisk to run, or brings Debian's own package of it into a private folder.

Result: `.asterisk/launch.json` with the argv prefix that starts it and its module and data folders; that file is
all the rest of the project knows. An `asterisk` of at least OLDEST_MAJOR on PATH is used as it is. Otherwise
apt, with state folders of its own, resolves and downloads the package closure of one Debian suite, and `dpkg -x`
unpacks it: no root, nothing installed, nothing of the host changed. Standard library only: it runs before `.venv`.

Exit status: 0 ready, 2 cannot (the message names the way out).
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent / ".asterisk"
OLDEST_MAJOR = 20
DEFAULT_SUITE = "forky"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
HOST_MODULES = ("/usr/lib/*-linux-gnu/asterisk/modules", "/usr/lib/asterisk/modules", "/usr/lib64/asterisk/modules")
HOST_DATA = ("/usr/share/asterisk", "/var/lib/asterisk", "/usr/local/share/asterisk")


class CannotError(Exception):
    """Asterisk cannot be had in this way; the text says why."""


def say(text: str) -> None:
    print(f"asterisk: {text}", flush=True)


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
    for pattern in patterns:
        for path in sorted(Path("/").glob(pattern.lstrip("/"))):
            return path
    raise CannotError(f"no {what} found in {', '.join(patterns)}")


def write_launch(home: Path, argv: Sequence[str], modules: Path, data: Path, origin: str) -> str:
    """Writes launch.json last and at once, so its presence means that everything it names is complete."""
    version = version_of(argv)
    launch = {"version": version, "origin": origin, "argv": [*argv], "modules": str(modules), "data": str(data)}
    fresh = home / "launch.json.new"
    fresh.write_text(json.dumps(launch, indent=1) + "\n")
    fresh.replace(home / "launch.json")
    return version


def use_host(home: Path, options: argparse.Namespace) -> str:
    """Uses the Asterisk on PATH; raises CannotError when there is none that fits."""
    if options.no_host:
        raise CannotError("the host's own is not wanted (--no-host)")
    program = shutil.which("asterisk", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if not program:
        raise CannotError("no `asterisk` on PATH")
    modules = first_existing(HOST_MODULES, "module folder of Asterisk")
    return write_launch(home, [program], modules, first_existing(HOST_DATA, "data folder of Asterisk"), "PATH")


def use_tree(home: Path, options: argparse.Namespace) -> str:
    """Uses the unpacked tree: its own dynamic linker with its own libraries, so the host's libc does not matter."""
    root = home / options.suite
    loaders = [*root.glob("usr/lib*/ld-linux-*.so.*"), *root.glob("usr/lib/*/ld-linux-*.so.*")]
    modules = sorted(root.glob("usr/lib/*-linux-gnu/asterisk/modules"))
    if not loaders or not modules:
        raise CannotError(f"{root} is not complete")
    libraries = modules[0].parent.parent
    argv = [str(loaders[0]), "--library-path", str(libraries), str(root / "usr/sbin/asterisk")]
    return write_launch(home, argv, modules[0], root / "usr/share/asterisk", options.suite)


def debian_sites() -> list[str]:
    """The archives of this machine's own apt settings, Debian's main one first."""
    rows = run(["apt-get", "indextargets", "--format", "$(SITE)|$(LABEL)", "Created-By: Packages"]).splitlines()
    found = dict.fromkeys(tuple(row.split("|", 1)) for row in rows if "|" in row)
    ranked = sorted(found, key=lambda pair: (pair[1] != "Debian", "security" in pair[0]))
    return list(dict.fromkeys(site for site, _ in ranked))


def private_apt(work: Path, site: str, suite: str) -> dict[str, str]:
    """An apt with folders of its own and of the host only how to reach the network; returns its environment.

    The host's other settings stay out: a container image's clean-up hooks would touch the host's cache.
    """
    for part in ("state/lists/partial", "cache/archives/partial", "etc"):
        (work / part).mkdir(parents=True, exist_ok=True)
    signed = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
    (work / "etc/sources.list").write_text(f"deb {signed}{site} {suite} main\n")
    network = [row for row in run(["apt-config", "dump"]).splitlines() if row.startswith("Acquire::")]
    ours = {
        "Dir::State": work / "state",
        "Dir::State::status": "/dev/null",
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


def download(work: Path, site: str, suite: str) -> list[Path]:
    """Downloads Asterisk with everything it needs; returns the packages."""
    env = private_apt(work, site, suite)
    say(f"reading the package list of {suite}")
    run(["apt-get", "-q", "-o", "APT::Update::Error-Mode=any", "update"], env)
    say("downloading (about 80 MB)")
    run(["apt-get", "-q", "-y", "--download-only", "install", "asterisk"], env)
    return sorted((work / "cache/archives").glob("*.deb"))


def unpack(packages: Sequence[Path], root: Path) -> None:
    say(f"unpacking {len(packages)} packages")
    root.mkdir()
    for package in packages:
        run(["dpkg", "-x", str(package), str(root)])


def bring(home: Path, options: argparse.Namespace) -> str:
    """Brings the suite's Asterisk into `home`; the tree appears by one rename, so a stop midway is harmless."""
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=home) as name:
        work = Path(name)
        unpack(download_from_any(work, options.suite), work / "root")
        shutil.rmtree(home / options.suite, ignore_errors=True)
        (work / "root").rename(home / options.suite)
    return use_tree(home, options)


def download_from_any(work: Path, suite: str) -> list[Path]:
    """Tries each archive of the apt settings; raises CannotError telling what each one answered."""
    refused = []
    for number, site in enumerate(debian_sites()):
        try:
            return download(work / f"apt{number}", site, suite)
        except CannotError as error:
            refused.append(f"archive {number + 1}: {error}")
    raise CannotError("; ".join(refused) or "apt knows no package archive")


def clear_leftovers(home: Path) -> None:
    """Removes what an interrupted run left behind."""
    for leftover in home.glob("fetch-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def explain(reasons: Sequence[str], suite: str) -> str:
    return "\n".join(
        [
            "asterisk: there is none to run here:",
            *(f"  - {reason}" for reason in reasons),
            "Ways out, any one of them:",
            f"  - install Asterisk {OLDEST_MAJOR} or newer, so that `asterisk` is on PATH",
            f"  - on Debian or a relative: let apt reach an archive that carries the suite {suite!r},",
            "    or name another suite that has Asterisk: make asterisk ASTERISK_SUITE=sid",
            "  - copy the folder .asterisk/ of a machine where `make asterisk` worked, and run it again",
        ]
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    suite = os.environ.get("ASTERISK_SUITE") or DEFAULT_SUITE
    parser.add_argument("--suite", default=suite, help="Debian suite to take it from (default: %(default)s)")
    parser.add_argument("--home", type=Path, default=HOME, help="folder to fill (default: .asterisk)")
    parser.add_argument("--no-host", action="store_true", help="do not use an Asterisk on PATH")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    home: Path = options.home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two of us at once: the second waits and finds it ready
        return prepare(home, options)


def prepare(home: Path, options: argparse.Namespace) -> int:
    """Takes the first way that works; returns the exit status."""
    clear_leftovers(home)
    reasons = []
    for way in (use_host, use_tree, bring):
        try:
            say(f"{way(home, options)} is ready ({home.name}/launch.json)")
        except CannotError as error:
            reasons.append(str(error))
        else:
            return 0
    print(explain(reasons, options.suite), file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
