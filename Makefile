# The two commands of the README are `make run` and `make test`; each does all its own set-up.
# Needs Python >= 3.11 and make, nothing else. `make setup PYTHON=/path/to/python3` chooses the interpreter.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup run test check bench browser frontend site soak mutate fmt clean

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
# What was compiled once is kept, whatever the machine's habit: each process of a test run would compile all tests again.
unexport PYTHONDONTWRITEBYTECODE
WORKERS ?= 2
RUNS ?= 10000
SEEDS ?= 1000
DRAWS ?= 30
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

help:
	@echo 'make run    everything on this machine: database, web, worker, relay, sandbox provider, demo data'
	@echo 'make test   check, then all tests with the coverage gate: what CI runs'
	@echo 'make check  format, lint, types, import contracts'
	@echo 'make mutate  each rule turned off, one at a time: some test must fail (MUTATION_JOBS at once)'
	@echo 'make browser  the pages in a real browser, where there is one (SOLVENT_BROWSER names it)'
	@echo 'make frontend  build the browser side into src/solvent/web/static, which is committed'
	@echo 'make site  the documentation as pages, in build/site: guides, decisions, every operation of the API'
	@echo 'make bench  figures beside their ceilings   make soak  long simulations   make fmt  format   make clean'

# Two stamps: requirements are installed again only when their pins change, the project only when its metadata does.
setup: .venv/.project.stamp
	@:

.venv/.requirements.stamp: requirements/dev.txt
	@test -n "$(PYTHON)" && "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'Solvent needs Python 3.11 or newer, and none was found on PATH as python3 or python3.1x.'; \
		echo 'Install one (Debian, Ubuntu: apt-get install python3 python3-venv), or say which: make setup PYTHON=/path/to/python3'; \
		exit 1; } >&2
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
		echo 'Python is here, but its modules venv and ensurepip are not, so no environment can be made.'; \
		echo 'Debian and Ubuntu ship them apart: apt-get install python3-venv'; exit 1; } >&2
	@echo "setup: installing requirements/dev.txt into .venv ($$("$(PYTHON)" --version))"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || "$(PYTHON)" -m venv --clear .venv
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

.venv/.project.stamp: .venv/.requirements.stamp pyproject.toml
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

run: setup
	@$(BIN)/solvent up

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

# Measuring takes as long again as what is measured, so the gate runs the tests that reach every branch, and all others
# run unmeasured, those in folders of long tests first, which start processes of their own. These wait for them
# a good part of their time, so there are two workers more. Which are which is said in tests/conftest.py and by the marks.
GATED := tests/core tests/documents tests/flows
PYTEST := -m pytest -n $(WORKERS) --dist loadscope

test: check
	$(BIN)/coverage erase
	$(BIN)/coverage run $(PYTEST) -m "measured and not soak" $(GATED)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --fail-under=100
	$(BIN)/python $(PYTEST) -n $$(($(WORKERS) + 2)) -m "not measured and not soak" --no-loadscope-reorder

bench: setup
	$(BIN)/python -m bench

# Only who changes frontend/ needs it: the built files are committed. Node is this machine's, else the PyPI wheel's.
frontend: setup
	$(BIN)/python -m frontend.build

# The ledger of the second is `.soak/wire.jsonl`: broken off, it goes on where it was; with other SEEDS it plays others.
soak: setup
	$(BIN)/python -m pytest -m soak -n $(WORKERS)
	SOLVENT_DRAWS=$(DRAWS) $(BIN)/python -m pytest -m "not soak" -n $(WORKERS) --hypothesis-profile=anew tests/core tests/documents
	$(BIN)/python -m tests.scenarios.soak --runs $(RUNS) --first $(SEEDS) --processes $(WORKERS)

# Installs no browser: tests/web/browser.py says where one is looked for.
browser: setup
	$(BIN)/python -m pytest tests/web/test_*_browser.py

# Strictly: a link that leads nowhere fails. What is built needs no server and loads nothing from elsewhere.
site: setup
	$(BIN)/python -m website.build

mutate: setup
	$(BIN)/python -m tests.mutation.run

fmt: setup
	$(BIN)/python clients/python/generate_client.py
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

clean:
	rm -rf .venv .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
