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

.PHONY: help venv asterisk packages prompts form compiled plain wheel run setup test test-plain test-unit test-parts test-properties test-services test-live live prove explore lint clean

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

# The busiest modules as machine code, in build/compiled, while their sources are what they were; an edit and this again.
form: venv
	@rm -f {calls,agents,queues,acd,acd/policies,ivr,engine,metrics,simulator/model,simulator/run}/*.so # as earlier versions left it beside the source
	@[ -e build/plain ] || $(BIN)/python setup.py -q compiled

# Packages come first: on a fresh Debian they bring what `python3 -m venv` needs. Compiling goes on beside a download.
setup: packages
	@$(MAKE) venv
	@$(MAKE) -j2 asterisk form

compiled: packages venv ## compile the busiest modules (`make run` and `make test` do it too), after `make plain`
	@rm -f build/plain
	@$(MAKE) form

plain: ## run the source alone, until `make compiled`
	@mkdir -p build && touch build/plain

wheel: packages venv ## a wheel in dist, compiled where there is a C compiler (LINE1555_FORM=plain: not)
	@$(BIN)/python setup.py -q bdist_wheel

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

# What must give the same figures, to the last byte, whether it is compiled or not.
BOTH = $(CORE) $(addprefix tests/,line1555/test_compiled.py line1555/test_compiled_code.py line1555/live/test_kept_state.py sites/test_node_types.py) \
	$(addprefix tests/simulator/run/,test_golden.py test_replication.py)
test-plain: venv ## the pure core and the kept figures once more, uncompiled
	@LINE1555_FORM=plain $(PYTEST) $(REPORT) $(QUICK) $(BOTH)

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
BESIDE = test-parts lint test-unit test-properties test-plain test-services
test: setup ## the whole suite, the same that the build server runs
	@form=$$($(BIN)/line1555 --version); echo "$$form"; case "$$form" in *'(compiled)') export LINE1555_FORM=compiled ;; esac; \
	mkdir -p run/tests; setsid $(MAKE) -k -j2 --output-sync=target $(BESIDE) & beside=$$!; \
	trap 'kill -- -$$beside 2>/dev/null || true' EXIT; failed=0; \
	$(MAKE) live || failed=1; wait $$beside || failed=1; exit $$failed
	@$(BIN)/python scripts/count_tests.py run/tests/{unit,parts,properties,plain,services,live-*}.xml

# Loads, kills and clock steps: long, and alone on the machine. Each prints its figures.
prove: setup ## the long proofs, one after the other (about an hour); PROVE='-k kills' chooses
	@$(BIN)/pytest -s -m prove $(PROVE) tests
	@[ -n "$(PROVE)" ] || $(MAKE) explore

explore: venv ## the quick tests with examples and walks that no build has seen; SEED=7 repeats the walks
	@seed=$${SEED:-$$RANDOM}; echo "SEED=$$seed"; HYPOTHESIS_PROFILE=new LINE_SEED=$$seed $(PYTEST) $(QUICK) tests

clean: ## remove what was built or downloaded
	rm -rf $(VENV) .asterisk run build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
