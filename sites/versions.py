"""The published versions of a line, numbered, with who, when and why. A version never changes.

    RUN/versions/0007/version.json      who, when, why, after which version, and the sum of all files
    RUN/versions/0007/menus.yaml ...    the site's files, tests and recordings as they were published

The newest version is the one that runs. A rollback is a new version with the files of an older one. Secrets belong to
no version: a token stays in the folder that was published (``source``).
"""

from __future__ import annotations

import contextlib
import difflib
import fcntl
import getpass
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from calls import Problem, SettingsError

from .site import Judge, Site, load_site

FOLDER = "versions"
CARD = "version.json"
PATTERNS = ("*.yaml", "tests/*.yaml", "recordings/**/*.wav")
"""Files of a site's folder that a version holds."""
MOST_WORDS = 500
"""Most characters of who and why."""


class VersionError(Exception):
    """Something that cannot be done with versions; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version's card. ``after``: the version that ran before it; ``again``: the one whose files it brings back."""

    number: int
    by: str
    at: str
    why: str
    digest: str
    source: str
    after: int = 0
    again: int = 0


class Versions:
    """All versions of the line that runs in ``run_dir``."""

    def __init__(self, run_dir: Path) -> None:
        self.folder = run_dir / FOLDER

    # -- looks ---

    def all(self) -> list[Version]:
        """List the versions, oldest first. A folder whose card cannot be read is no version."""
        cards = sorted(self.folder.glob(f"[0-9]*/{CARD}"))
        return [card for card in map(_read, cards) if card is not None]

    def newest(self) -> Version | None:
        """Give the version with the highest number; None if nothing was published."""
        return max(self.all(), key=lambda version: version.number, default=None)

    def card(self, number: int) -> Version:
        """Give a version's card. Raises ``VersionError`` if there is no such version."""
        found = {version.number: version for version in self.all()}
        if number not in found:
            known = f"there are 1 to {max(found)}" if found else "nothing was published yet: `line1555 publish`"
            raise VersionError(f"no version {number}: {known}")
        return found[number]

    def path(self, number: int) -> Path:
        """Give the folder of a version, which need not exist."""
        return self.folder / f"{number:04}"

    def site(self, version: Version, judge: Judge | None = None, *, staged: bool = False) -> Site:
        """Load a version as the line runs it. Raises ``SettingsError`` if it cannot be read or was changed."""
        folder = self._staged(version.number) if staged else self.path(version.number)
        if digest_of(folder) != version.digest:
            card = str(folder / CARD)
            raise SettingsError([Problem(card, 1, 1, "digest", "changed files", "the files that were published")])
        site = load_site(folder, judge)
        menus = replace(site.line.menus, version=version.number)
        return replace(site, line=replace(site.line, menus=menus), home=Path(version.source))

    # -- a new one ---

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Lock publishing. Raises ``VersionError`` if somebody else publishes now."""
        for folder in (self.folder.parent, self.folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise VersionError("somebody else is publishing at this moment: try again when that is done") from None
            yield

    def stage(self, site: Path, by: str, why: str, *, again: int = 0) -> Version:
        """Copy the files of a folder, or of an older version (``again``), beside the versions under the next number.

        Raises ``VersionError`` if the newest version has the same files.
        """
        newest = self.newest()
        number = newest.number + 1 if newest else 1
        source = self.card(again).source if again else str(site.resolve())
        folder = self._staged(number)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        for file in files_of(site):
            _copy(site / file, folder / file)
        digest = digest_of(folder)
        if newest is not None and digest == newest.digest == digest_of(self.path(newest.number)):
            raise VersionError(f"nothing has changed since version {newest.number}, which is the newest")
        at = datetime.now(UTC).isoformat(timespec="seconds")
        version = Version(number, _word(by), at, _word(why), digest, source, newest.number if newest else 0, again)
        _write(folder / CARD, json.dumps(asdict(version), ensure_ascii=False, indent=1).encode())
        return version

    def staged(self, number: int) -> Version:
        """Give the card of the staged version. Raises ``VersionError`` if none is staged under this number."""
        newest, card = self.newest(), _read(self._staged(number) / CARD)
        if card is None or card.number != number or number != (newest.number if newest else 0) + 1:
            raise VersionError(f"version {number} is not ready to be published")
        return card

    def commit(self, version: Version) -> None:
        """Make what was staged the newest version, in one step."""
        self._staged(version.number).rename(self.path(version.number))
        with contextlib.suppress(OSError):  # it is the newest now, even if syncing the folder fails
            _sync(self.folder)

    def discard(self, version: Version) -> None:
        """Discard what was staged."""
        shutil.rmtree(self._staged(version.number), ignore_errors=True)

    def _staged(self, number: int) -> Path:
        return self.folder / f".{number:04}"


def somebody() -> str:
    """Name who is at the keyboard, as far as the machine knows."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name
        return f"user {os.getuid()}"


# --- files ------------------------------------------------------------------------------------------------------------


def files_of(folder: Path) -> list[Path]:
    """List the files of a site's folder that a version holds, relative to it, in order."""
    found = {path.relative_to(folder) for pattern in PATTERNS for path in folder.glob(pattern) if path.is_file()}
    return sorted(file for file in found if not any(part.startswith(".") for part in file.parts))


def digest_of(folder: Path) -> str:
    """Give the SHA-256 over the names and contents of all files."""
    whole = hashlib.sha256()
    for file in files_of(folder):
        content = hashlib.sha256((folder / file).read_bytes()).hexdigest()
        whole.update(f"{content}  {file.as_posix()}\n".encode())
    return whole.hexdigest()


def difference(old: Path, new: Path) -> list[str]:
    """List what differs between two sites' folders: texts line by line, recordings by name."""
    lines: list[str] = []
    for file in sorted({*files_of(old), *files_of(new)}):
        a, b = (_bytes(folder / file) for folder in (old, new))
        if a == b:
            continue
        if file.suffix == ".yaml":
            lines += difflib.unified_diff(_lines(a), _lines(b), f"a/{file}", f"b/{file}", lineterm="")
        else:
            lines.append(f"recording {file} {'is new' if a is None else 'is gone' if b is None else 'has changed'}")
    return lines


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _lines(content: bytes | None) -> list[str]:
    return (content or b"").decode("utf-8", "replace").splitlines()


def _read(card: Path) -> Version | None:
    try:
        return Version(**json.loads(card.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _word(said: str) -> str:
    """Make one printable line: it is shown in terminals and logs."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in said[:MOST_WORDS]).split())


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(target, source.read_bytes())


def _write(target: Path, content: bytes) -> None:
    """Write a file that only the owner may read and nobody write, and sync it to disk."""
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
