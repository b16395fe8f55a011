# See README.md. `make demo` and `make test` are all a newcomer needs.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed

.PHONY: setup demo test lint bench lock clean

setup: $(STAMP)
$(STAMP): pyproject.toml requirements.lock requirements-build.lock tools/setup.sh
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh tools/setup.sh
	@touch $(STAMP)

demo: setup
	@$(BIN)/broadcaster demo $(ARGS)
