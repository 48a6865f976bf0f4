#!/usr/bin/env bash
# mypy 2.4.1 (PyPI), its compiler mypyc; a C compiler is needed.
#
# Expected: a dataclass that derives from `abc.ABC`, or that has a `ClassVar` with a default before its fields, runs
#   compiled as it does uncompiled: mypy finds nothing wrong, and mypyc compiles both without a word.
# Seen: the compiled modules cannot be imported. With `ABC`: AttributeError, "attribute '__dict__' of 'type' objects is
#   not writable". With a `ClassVar`: TypeError, "non-default argument ... follows default argument", as the class
#   variable is taken for a field.
# Way out: no `ABC` below a compiled dataclass (methods that raise NotImplementedError), properties for class variables.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mypy==2.4.1 setuptools==80.9.0
cat >"$folder/with_abc.py" <<'PY'
from abc import ABC, abstractmethod
from dataclasses import dataclass


@dataclass(frozen=True)
class Shape(ABC):
    name: str

    @abstractmethod
    def area(self) -> float:
        """Give the area."""
PY
cat >"$folder/with_class_var.py" <<'PY'
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Shape:
    corners: ClassVar[int] = 0
    name: str
PY
cd "$folder"
tried() { (venv/bin/python -c "import $1; print('runs')" 2>&1 || true) | tail -1; }
[ "$(tried with_abc)" = runs ] && [ "$(tried with_class_var)" = runs ]
for module in with_abc with_class_var; do
    venv/bin/mypyc "$module.py" >mypyc.log 2>&1 || { cat mypyc.log; exit 1; }
done
abc=$(tried with_abc); class_var=$(tried with_class_var)
printf 'ABC:      %s\nClassVar: %s\n' "$abc" "$class_var"
[[ "$abc" = "AttributeError: attribute '__dict__' of 'type' objects is not writable" &&
    "$class_var" = "TypeError: non-default argument 'name' follows default argument"* ]] || {
    echo "compiled dataclasses behave otherwise now" >&2; exit 1; }
echo "as found"
