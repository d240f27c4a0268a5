# Two commands do everything: `make demo` and `make test`. PYTHON chooses the interpreter (3.11 or later).

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
READY := $(VENV)/.ready
PEERS := $(VENV)/.peers
TORCH := $(shell grep '^torch==' constraints.txt)
ARGUMENTS ?=

.PHONY: help demo test bench sickbay lint format screenshot pictures clean
.DEFAULT_GOAL := help

help:  ## show this list
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST)

demo: $(READY)  ## start the server, train four networks, print their links
	@$(BIN)/trainvitals demo $(ARGUMENTS)

test: $(READY) lint  ## check style, types and arrows, run every test
	@selection="$$(.ci/system_packages)" && $(BIN)/pytest -m "$$selection" $(ARGUMENTS)

bench: $(PEERS)  ## measure step time (beside three peers), ingest and live latency
	@$(BIN)/python tests/benchmarks/run.py $(ARGUMENTS)

sickbay: $(READY)  ## train sick and healthy networks, print how well they are diagnosed
	@PYTHONPATH=tests $(BIN)/python -m sickbay $(ARGUMENTS)

lint: $(READY)  ## check style, types and arrows
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)  ## put the code into shape
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

screenshot: $(READY)  ## take the picture of the README again
	$(BIN)/python docs/images/take_run_page.py

pictures: $(READY)  ## draw the pictures of docs/rules.md again
	@PYTHONPATH=tests $(BIN)/python -m sickbay.pictures

clean:  ## remove the environment and what the demo left
	rm -rf $(VENV) .demo .sickbay .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist build

# The stamp is as old as the last complete installation: a second `make` has nothing to do.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "trainvitals needs Python 3.11 or later; $(PYTHON) is older. Name another: make PYTHON=python3.12"; exit 2; }
	@echo "Setting up $(VENV) (once; takes a few minutes) ..."
	@test -x $(BIN)/python || if $(PYTHON) -c 'import torch' 2>/dev/null; \
		then $(PYTHON) -m venv --system-site-packages $(VENV); else $(PYTHON) -m venv $(VENV); fi
	@$(BIN)/python -c 'import torch' 2>/dev/null || $(PIP) install $(TORCH)
	@$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $(READY)

# What only the benchmarks need: the tools that step time is compared with.
$(PEERS): $(READY)
	@$(PIP) install -c constraints.txt -e '.[dev,bench]'
	@touch $(PEERS)
