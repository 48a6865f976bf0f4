"""Builds the line; where ``LINE1555_COMPILED=1`` asks for it, with its busiest modules compiled by mypyc.

The plain form always works. The compiled one gives the same bytes in less time, and needs mypy and a C compiler:
``make compiled`` in the tree, or ``LINE1555_COMPILED=1 pip wheel --no-build-isolation .`` for a wheel.
"""

import os
import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

PURE = ("agents", "queues", "acd", "acd/policies", "engine")
PLAIN = {
    "settings.py": "goes to other processes, and mypyc's frozen dataclasses cannot be unpickled",
    "__init__.py": "nothing to gain",
}
"""What stays as it is in every folder, and why. So do the messages (`calls`): compiled, they take longer to make."""
ALSO = (
    "calls/known.py",
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
HOLDS_ALL = "calls.compiled"
"""The one library with all of the compiled code, in the package that imports no other."""


def modules() -> list[str]:
    """The files to compile. ``LINE1555_COMPILED_MORE``: a benchmark's own, so that what it asks is asked natively."""
    found = sorted(file for folder in PURE for file in Path(folder).glob("*.py"))
    more = os.environ.get("LINE1555_COMPILED_MORE", "").split()
    return [str(file) for file in found if file.name not in PLAIN] + [*ALSO, *more]


def extensions() -> list:
    if os.environ.get("LINE1555_COMPILED") != "1":
        return []
    from mypyc.build import mypycify  # only here: the plain form does not need it

    return mypycify(modules(), separate=[(modules(), HOLDS_ALL)])


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


setup(ext_modules=extensions(), cmdclass={"build_py": WithShipped})
