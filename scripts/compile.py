"""Makes machine code of the busiest modules: mypyc writes C, the C compiler does the rest, on all cores.

A build is kept in ``build/compiled``, under the digest of all that it was made of: the files that mypy reads, this
interpreter, mypy, the compiler and its flags. One that is there is not made again. ``line1555/compiled.py`` finds it.
"""

from __future__ import annotations

import ast
import contextlib
import fcntl
import hashlib
import io
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from line1555 import compiled

HOLDS_ALL = "calls.compiled"
"""The one library with all of the compiled code, in the package that imports no other."""
FLAGS = ("-fvisibility=hidden", "-Wno-missing-profile")
HERE = Path()
KEPT_BUILDS = 4
MADE = "made"
"""File of a build: with what it was made, in one line."""

Say = Callable[[str], None]


class CannotCompileError(Exception):
    """There is no compiled form here; the text says why."""


def tools(level: str) -> str:
    """Name what compiles. Raises ``CannotCompileError`` where a part of it is missing."""
    compiler = sysconfig.get_config_var("CC") or "cc"
    try:
        told = subprocess.run([*compiler.split(), "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        raise CannotCompileError(f"there is no C compiler ({compiler})") from None
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        raise CannotCompileError("Python's headers are missing (Debian: python3-dev)")
    try:
        mypy = version("mypy")
    except PackageNotFoundError:
        raise CannotCompileError("mypy is not installed") from None
    return f"{sys.implementation.cache_tag}, mypy {mypy}, {told.splitlines()[0]}, {level} {' '.join(FLAGS)}"


def build(modules: Sequence[str], say: Say) -> Path:
    """Give the folder of a build of the tree in the present directory; made now, if it is not there yet.

    Raises ``CannotCompileError``.
    """
    level = f"-O{os.environ.get('MYPYC_OPT_LEVEL', '2')}"
    made = f"{tools(level)}: {' '.join(modules)}\n"
    builds = HERE / compiled.BUILDS
    builds.mkdir(parents=True, exist_ok=True)
    with _alone(builds / "lock"):
        for found in reversed(compiled.builds(HERE)):
            if (found / MADE).read_text("utf-8") == made and not any(compiled.differing(HERE, found)):
                os.utime(found)
                return found
        sources = "".join(f"{compiled.digest_of(file)}  {file}\n" for file in sorted(_read_by_mypy(modules)))
        target = builds / hashlib.sha256((sources + made).encode()).hexdigest()[:16]
        with tempfile.TemporaryDirectory(prefix="making-", dir=builds) as folder:
            work = Work(Path(folder), level, say)
            work.make(modules)
            if changed := next(compiled.differing(HERE, _list(work.out, sources, made)), ""):
                raise CannotCompileError(f"{changed} was changed meanwhile")
            shutil.rmtree(target, ignore_errors=True)
            work.out.rename(target)
        for old in compiled.builds(HERE)[:-KEPT_BUILDS]:
            shutil.rmtree(old)
    return target


@contextlib.contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Wait for whoever makes a build of this tree now."""
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _list(out: Path, sources: str, made: str) -> Path:
    (out / compiled.SOURCES).write_text(sources, "utf-8")
    (out / MADE).write_text(made, "utf-8")
    return out


def _read_by_mypy(modules: Sequence[str]) -> set[Path]:
    """Name the files whose types the modules' code depends on: what they import, and what that imports."""
    found: set[Path] = set()
    ahead = [Path(module) for module in modules]
    while ahead:
        file = ahead.pop()
        if file not in found:
            found.add(file)
            ahead += _imported(file)
    return found


def _imported(file: Path) -> Iterator[Path]:
    """Find the files of this tree that a file imports, the packages around them included."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = ".".join(file.parts[: -node.level]) + "." if node.level else ""
            origin = f"{above}{node.module or ''}".strip(".")
            names = [origin, *(f"{origin}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            parts = name.split(".")
            for count in range(1, len(parts) + 1):
                path = Path(*parts[:count])
                yield from (made for made in (path / "__init__.py", path.with_suffix(".py")) if made.exists())


@dataclass(frozen=True, slots=True)
class Work:
    """One build on its way: its folder, the level of optimisation, and who hears how far it is."""

    folder: Path
    level: str
    say: Say

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def make(self, modules: Sequence[str]) -> None:
        """Compile the modules into ``out``."""
        began = time.monotonic()
        self.say(f"compiling {len(modules)} modules with mypyc, once for this source (`make plain` does without)")
        extensions = self._written_in_c(modules)
        compiler = _compiler()
        jobs = [(ext, source) for ext in extensions for source in ext.sources]
        jobs.sort(key=lambda job: -Path(job[1]).stat().st_size)
        objects: dict[str, list[str]] = {ext.name: [] for ext in extensions}
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for done, (ext, made) in enumerate(pool.map(lambda job: self._object(compiler, *job), jobs), 1):
                objects[ext.name] += made
                self.say(f"\r{done} of {len(jobs)} files")
            for ext in extensions:
                file = self.out / (ext.name.replace(".", "/") + compiled.SUFFIX)
                compiler.link_shared_object(sorted(objects[ext.name]), str(file))
        self.say(f"compiled in {time.monotonic() - began:.0f} s")

    def _written_in_c(self, modules: Sequence[str]) -> list[Any]:
        """Have mypyc write the C files. What it remarks is shown where it fails: of its warnings none is an error."""
        from mypyc.build import mypycify  # only here: it takes a second

        source = self.folder / "c"
        remarks = io.StringIO()
        try:
            with contextlib.redirect_stdout(remarks):
                extensions = mypycify(
                    [*modules, "--cache-dir", "build/mypyc"],
                    separate=[(list(modules), HOLDS_ALL)],
                    multi_file=True,
                    debug_level="0",
                    target_dir=str(source),
                )
        except SystemExit:
            self.say(remarks.getvalue())
            raise
        for ext in extensions:
            ext.include_dirs.append(str(source / Path(*HOLDS_ALL.split(".")).parent))
        return extensions

    def _object(self, compiler: Any, ext: Any, source: str) -> tuple[Any, list[str]]:
        arguments = [argument for argument in ext.extra_compile_args if not argument.startswith("-O")]
        made = compiler.compile(
            [source],
            output_dir=str(self.folder / "objects"),
            include_dirs=ext.include_dirs,
            extra_postargs=[*arguments, self.level, *FLAGS],
        )
        return ext, made


def _compiler() -> Any:
    """Give Python's own way to its C compiler."""
    from setuptools._distutils import ccompiler  # only here: setup.py is not always its caller
    from setuptools._distutils import sysconfig as of_python

    compiler = ccompiler.new_compiler()
    of_python.customize_compiler(compiler)
    compiler.add_include_dir(sysconfig.get_path("include"))
    return compiler
