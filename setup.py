"""Builds the line, its busiest modules compiled by mypyc where a C compiler and mypy are there (`scripts/compile.py`).

The plain form always works and gives the same bytes in more time. In the tree: ``make compiled``, ``make plain``,
``make wheel`` (as ``pip wheel --no-build-isolation .``; with ``LINE1555_FORM=plain`` a plain one).
"""

import os
import shutil
import sys
import sysconfig
from importlib import import_module
from pathlib import Path
from typing import ClassVar

from setuptools import Command, Distribution, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

sys.path[:0] = [".", "scripts"]
compiled = import_module("line1555.compiled")
making = import_module("compile")

PURE = ("agents", "queues", "acd", "acd/policies", "ivr/nodes", "engine")
PLAIN = ("__init__.py",)
"""What stays as it is in every folder: there is nothing to gain. So do the messages (`calls`): no step of a simulation
makes one."""
ALSO = (
    "calls/known.py",
    "calls/stored.py",
    "calls/words.py",
    "ivr/session.py",
    "ivr/walk.py",
    "metrics/lives.py",
    "metrics/rows.py",
    "metrics/tracker.py",
    "simulator/model/draws.py",
    "simulator/run/callers.py",
    "simulator/run/collector.py",
    "simulator/run/course.py",
    "simulator/run/guides.py",
    "simulator/run/later.py",
    "simulator/run/replication.py",
    "simulator/run/staff_times.py",
    "simulator/run/switch.py",
    "simulator/run/workforce.py",
)


def modules() -> list[str]:
    """The files to compile. ``LINE1555_COMPILED_MORE``: a benchmark's own, so that what it asks is asked natively."""
    found = sorted(file for folder in PURE for file in Path(folder).glob("*.py"))
    more = os.environ.get("LINE1555_COMPILED_MORE", "").split()
    return [str(file) for file in found if file.name not in PLAIN] + [*ALSO, *more]


def say(text: str) -> None:
    """Tell how far it is; what begins with a carriage return overwrites itself, on a terminal alone."""
    if not text.startswith("\r") or sys.stderr.isatty():
        print(text, end="" if text.startswith("\r") else "\n", file=sys.stderr, flush=True)


class Compiled(Command):
    """``setup.py compiled``: what the tree's environment runs from now on, until a source changes."""

    user_options: ClassVar[list] = []

    def initialize_options(self) -> None: ...

    def finalize_options(self) -> None: ...

    def run(self) -> None:
        try:
            making.build(modules(), say)
        except making.CannotCompileError as error:
            say(f"not compiled: {error}; the line runs plain, with the same figures")
            return
        Path(sysconfig.get_path("purelib"), "line1555-compiled.pth").write_text(SERVE)


SERVE = 'import sys; exec("try:\\n from line1555.compiled import serve\\n serve()\\nexcept ImportError: pass")\n'
"""Each Python of the environment does this at its start."""


class WithCompiled(build_ext):
    """Puts the compiled modules into a wheel. An editable installation finds them in their build."""

    def run(self) -> None:
        for left_over in Path(self.build_lib).rglob(f"*{compiled.SUFFIX}"):
            left_over.unlink()  # of a wheel that was built here before
        if not self.editable_mode and not self.inplace:
            for made in self.distribution.compiled.rglob(f"*{compiled.SUFFIX}"):
                target = Path(self.build_lib, made.relative_to(self.distribution.compiled))
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(made, target)


class Line(Distribution):
    """Knows whether it has compiled modules when it is first asked: a wheel says so in its name."""

    compiled: Path | None = None

    def has_ext_modules(self) -> bool:
        if self.compiled is None and os.environ.get(compiled.FORM) != "plain" and "bdist_wheel" in self.commands:
            try:
                self.compiled = making.build(modules(), say)
            except making.CannotCompileError as error:
                say(f"a plain wheel: {error}")
        return self.compiled is not None


SHIPPED = ("dialplans", "asterisk-config", "monitoring")
"""Folders of the tree that belong to the product and are no packages: `telephony/shipped.py` finds them."""


class WithShipped(build_py):
    """Puts them into `line1555/shipped`. An editable installation finds them where they are."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            for name in SHIPPED:
                target = Path(self.build_lib, "line1555", "shipped", name)
                shutil.rmtree(target, ignore_errors=True)
                shutil.copytree(name, target)


if __name__ == "__main__":
    setup(distclass=Line, cmdclass={"build_py": WithShipped, "build_ext": WithCompiled, "compiled": Compiled})
