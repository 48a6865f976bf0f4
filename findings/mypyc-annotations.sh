#!/usr/bin/env bash
# mypy 2.4.1 (PyPI), its compiler mypyc; a C compiler is needed.
#
# Expected: a compiled dataclass keeps the annotations of its source: `typing.get_type_hints` answers the same, as
#   codecs and validators that are driven by them rely on.
# Seen: what stands in brackets is gone. `tuple[int, ...]` is told as `tuple`, `dict[str, float]` as `dict`,
#   `int | None` as `type`; nothing warns. A codec then reads every element as it comes.
# Way out: read the annotations from the source file beside the compiled module.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check mypy==2.4.1 setuptools==80.9.0
cat >"$folder/kept.py" <<'PY'
from dataclasses import dataclass


@dataclass
class Kept:
    numbers: tuple[int, ...]
    names: dict[str, float]
    perhaps: int | None
PY
ask='import kept, typing; print(kept.__file__.rsplit(".")[-1], typing.get_type_hints(kept.Kept))'
cd "$folder"
plain=$(venv/bin/python -c "$ask")
venv/bin/mypyc kept.py >mypyc.log 2>&1 || { cat mypyc.log; exit 1; }
compiled=$(venv/bin/python -c "$ask")
printf 'plain:    %s\ncompiled: %s\n' "$plain" "$compiled"
[ "$plain" = "py {'numbers': tuple[int, ...], 'names': dict[str, float], 'perhaps': int | None}" ]
[ "$compiled" = "so {'numbers': <class 'tuple'>, 'names': <class 'dict'>, 'perhaps': <class 'type'>}" ] || {
    echo "the annotations are told otherwise now" >&2; exit 1; }
echo "as found"
