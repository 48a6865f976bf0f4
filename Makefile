# Two commands are enough: `make run` and `make test`. Everything they need they set up themselves.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/pytest -q
ASTERISK_SUITE ?=
export PYTHON ASTERISK_SUITE

.PHONY: help venv asterisk packages prompts compiled plain run setup test test-compiled test-unit test-parts test-properties test-services test-live live prove explore lint clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

# `uv` is used where it is, else plain venv and pip. PYTHON=python3.12 chooses another interpreter for a new .venv.
$(VENV)/.stamp: pyproject.toml constraints.txt
	@if command -v uv >/dev/null; then \
		[ -x $(BIN)/python ] || uv venv --quiet --python "$(PYTHON)" $(VENV); \
		uv pip install --quiet --python $(BIN)/python -c constraints.txt -e '.[dev]'; \
	else \
		[ -x $(BIN)/pip ] || "$(PYTHON)" -m venv --clear $(VENV); \
		$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'; \
	fi
	@touch $@

venv: $(VENV)/.stamp ## the Python environment, in .venv, with every extra

asterisk: venv ## find an Asterisk, or bring Debian's into .asterisk
	@$(BIN)/line1555 asterisk fetch

packages: ## the other programs (apt where allowed, else says what to install)
	@scripts/system_packages.sh

# Packages come first: on a fresh Debian they bring what `python3 -m venv` needs.
setup: packages
	@$(MAKE) venv asterisk

compiled: packages venv ## the busiest modules as machine code: the same figures in a bit more than half the time
	@LINE1555_COMPILED=1 $(BIN)/python setup.py -q build_ext --inplace

plain: ## back to the source
	@rm -f {calls,agents,queues,acd,ivr,engine,metrics,simulator/model,simulator/run}/*.so

prompts: setup ## speak the prompts that changed
	@$(BIN)/line1555 prompts build

run: setup ## everything set up, the line up, demo citizens and agents on it
	@$(BIN)/line1555 up --demo

lint: venv ## ruff, mypy --strict, the import table
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# Each part leaves its figures in run/tests, so that `make test` can add them up.
CORE = $(addprefix tests/,calls agents queues acd ivr engine metrics golden)
QUICK = --timeout 1200 -m 'not live and not services and not prove'
REPORT = --junitxml=run/tests/$(@:test-%=%).xml
test-unit: venv ## the pure core: plain function calls, seconds
	@$(PYTEST) $(REPORT) $(QUICK) $(CORE) --durations=3

test-parts: venv ## the parts around the core, without databases, processes, Asterisk
	@$(PYTEST) $(REPORT) $(QUICK) --durations=3 $(foreach part,$(CORE) tests/properties tests/live,--ignore=$(part)) tests

test-properties: venv ## random walks through the engine, invariants after each step
	@$(PYTEST) $(REPORT) $(QUICK) tests/properties

# In a copy of the tree: what runs compiled there must not be taken for the source here.
COPY = build/compiled
test-compiled: packages venv ## the pure core once more, compiled: the same figures to the last byte
	@rm -rf $(COPY) && mkdir -p $(COPY) run/tests
	@git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t $(COPY)
	@cd $(COPY) && LINE1555_COMPILED=1 $(CURDIR)/$(BIN)/python setup.py -q build_ext --inplace
	@cd $(COPY) && LINE1555_COMPILED=1 $(CURDIR)/$(PYTEST) --junitxml=$(CURDIR)/run/tests/compiled.xml $(QUICK) \
		-p no:cacheprovider $(CORE) tests/line1555/test_compiled.py tests/line1555/live/test_kept_state.py tests/simulator/run/test_golden.py tests/simulator/run/test_replication.py

test-services: venv packages ## private PostgreSQL and Mosquitto
	@$(PYTEST) $(REPORT) --timeout 1200 -m 'services and not prove' --ignore=tests/live tests

# Mostly waiting for phones and clocks: files side by side, each with Asterisks, ports and phones of its own. Prompts are
# spoken before.
LIVE = -m 'live and not prove' --durations=5 --timeout 900
test-live: setup ## the real Asterisk with real SIP phones
	@$(MAKE) live

live:
	@mkdir -p run/tests && $(BIN)/line1555 prompts build --site dialplans/1555 --run run/tests >/dev/null
	@$(BIN)/python scripts/side_by_side.py 4 run/tests $(wildcard tests/live/test_*.py) -- $(LIVE)

# The live part mostly waits: everything else runs beside it, two parts at a time. In a session of its own: Linux shares
# processors out by session (autogroup), and busy tests in the session of the phones starve these, however nice they are.
BESIDE = test-parts lint test-unit test-properties test-compiled test-services
test: setup ## the whole suite, the same that the build server runs
	@mkdir -p run/tests; setsid $(MAKE) -k -j2 --output-sync=target $(BESIDE) & beside=$$!; \
	trap 'kill -- -$$beside 2>/dev/null || true' EXIT; failed=0; \
	$(MAKE) live || failed=1; wait $$beside || failed=1; exit $$failed
	@$(BIN)/python scripts/count_tests.py run/tests/{unit,parts,properties,compiled,services,live-*}.xml

# Loads, kills and clock steps: long, and alone on the machine. Each prints its figures.
prove: setup ## the long proofs, one after the other (about an hour); PROVE='-k kills' chooses
	@$(BIN)/pytest -s -m prove $(PROVE) tests
	@[ -n "$(PROVE)" ] || $(MAKE) explore

explore: venv ## the quick tests with examples and walks that no build has seen; SEED=7 repeats the walks
	@seed=$${SEED:-$$RANDOM}; echo "SEED=$$seed"; HYPOTHESIS_PROFILE=new LINE_SEED=$$seed $(PYTEST) $(QUICK) tests

clean: ## remove what was built or downloaded
	rm -rf $(VENV) .asterisk run build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
