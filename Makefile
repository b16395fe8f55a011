# `make demo` and `make test` are all a newcomer needs.
#   PYTHON=python3.13   another Python (3.11 or newer)        VENV=.venv313   another virtual environment
#   ARGS="..."          passed on to the command that the target runs
PYTHON ?= python3
VENV   ?= .venv
ARGS   ?=
BIN    := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench soak lock clean

help:
	@echo "make demo        a sample commune on this machine: hub, panel, three units, and a programme at once"
	@echo "make test        every check and every test"
	@echo "make setup       only what both do first"
	@echo "make lint        only the checks: style, types, who may import whom"
	@echo "make bench       every measurement; make bench-NAME one of tests/bench"
	@echo "make soak        what takes long: twenty real minutes, three simulated days; make soak-NAME one of tests/soak"
	@echo "make lock        remake requirements*.lock (ARGS=--upgrade for newer versions)"
	@echo "make clean       remove what was built here; state/ is left alone"

setup:
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh tools/setup.sh

demo: setup
	@"$(BIN)/broadcaster" demo $(ARGS)

lint: setup
	@echo "lint: style"
	@"$(BIN)/ruff" check --quiet .
	@"$(BIN)/ruff" format --quiet --check . || \
	  { echo "lint: run $(BIN)/ruff format on the files above" >&2; exit 1; }
	@echo "lint: types"
	@"$(BIN)/mypy" --no-error-summary
	@echo "lint: imports"
	@"$(BIN)/lint-imports" --no-logo

test: lint
	@sh tools/test.sh "$(BIN)/pytest" $(ARGS)

bench: setup
	@"$(BIN)/python" -m tests.bench $(ARGS)

bench-%: setup
	@"$(BIN)/python" -m tests.bench $* $(ARGS)

soak: setup
	@"$(BIN)/python" -m tests.soak $(ARGS)

soak-%: setup
	@"$(BIN)/python" -m tests.soak $* $(ARGS)

lock:
	@PYTHON="$(PYTHON)" sh tools/lock.sh $(ARGS)

clean:
	rm -rf "$(VENV)" build dist .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
