# escrgraph: `make serve` and `make test` set up and run everything.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TESTED := $(VENV)/.tested
UV := $(shell command -v uv 2>/dev/null)
PYTHON ?= python3
CATALOGUES := $(wildcard src/escrgraph/web/translations/*/LC_MESSAGES/*.po)
FRONTEND := $(wildcard frontend/package*.json frontend/*.mjs frontend/src/*.js frontend/src/*/*.js)

.PHONY: serve test drill lint data bench screenshots clean
.DELETE_ON_ERROR:

serve: $(READY)
	@exec $(BIN)/escrgraph serve $(ARGS)

test: $(TESTED)
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

drill: $(TESTED)
	$(BIN)/pytest -m drill $(ARGS)

lint: $(TESTED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

data: $(TESTED)
	$(BIN)/python -m tools.library

bench: $(TESTED)
	$(BIN)/python -m benchmarks $(ARGS)

screenshots: $(TESTED)
	$(BIN)/python -m tools.screenshots $(ARGS)

clean:
	rm -rf $(VENV) build dist frontend/node_modules src/escrgraph/web/static/dist

# What serving needs comes first and alone, so that the first page does not wait for tools of tests.
SOURCES := pyproject.toml constraints.txt hatch_build.py $(CATALOGUES) $(FRONTEND)
ifdef UV
$(READY): $(SOURCES)
	test -x $(BIN)/python || $(UV) venv --python '>=3.11' $(VENV)
	$(UV) pip install --python $(BIN)/python --constraint constraints.txt --editable .
	@touch $@

$(TESTED): $(READY)
	$(UV) pip install --python $(BIN)/python --constraint constraints.txt --editable '.[test]'
	@touch $@
else
PIP := $(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt
$(READY): $(SOURCES)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "escrgraph needs Python 3.11 or newer as $(PYTHON); name another one with: make PYTHON=python3.12"; exit 3; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
	  { echo "escrgraph needs Python's venv module. On Debian and Ubuntu: apt-get install python3-venv"; exit 3; }
	@test -x $(BIN)/python || { echo "Making $(VENV) …"; $(PYTHON) -m venv $(VENV); }
	@echo "Installing escrgraph and what it needs into $(VENV) (once) …"
	@$(PIP) -e .
	@touch $@

$(TESTED): $(READY)
	@echo "Installing what the tests need into $(VENV) (once) …"
	@$(PIP) -e '.[test]'
	@touch $@
endif
