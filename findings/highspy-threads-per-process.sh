#!/usr/bin/env bash
# highspy 1.16.0 (PyPI), the HiGHS optimiser.
#
# Expected: `threads` is an option of one Highs object, so two objects may have two values.
# Seen: the first run of the process fixes it for all objects. A later object with another value does not raise: its
#   run returns kError, the model status is kNotset and the objective reads 0.0, a value that looks like a result.
#   With the first value again it solves.
# Way out: one number of threads for the whole process, and look at the returned status, not at the objective.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check highspy==1.16.0
"$folder/venv/bin/python" - <<'PY'
import highspy


def knapsack(threads: int) -> tuple[str, str, float]:
    model = highspy.Highs()
    model.silent()
    model.setOptionValue("threads", threads)
    whole = highspy.HighsVarType.kInteger
    items = [model.addVariable(lb=0, ub=4, type=whole) for _ in range(5)]
    model.addConstr(sum((i + 1) * item for i, item in enumerate(items)) <= 13)
    status = model.maximize(sum((2 * i + 1) * item for i, item in enumerate(items)))
    return status.name, model.getModelStatus().name, model.getInfo().objective_function_value


seen = [knapsack(1), knapsack(2), knapsack(1)]
for threads, got in zip((1, 2, 1), seen, strict=True):
    print(f"threads={threads}: {got}")
assert seen[0] == seen[2] == ("kOk", "kOptimal", 23.0)
assert seen[1] == ("kError", "kNotset", 0.0), "another number of threads now works, or raises"
print("as found")
PY
