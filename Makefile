# Every target does its own set-up. `make` alone lists them.

PYTHON ?= python3
BIN := .venv/bin
UV := $(or $(shell command -v uv),$(BIN)/uv)
READY := .venv/.ready
export UV_PYTHON_DOWNLOADS := never
# The tests start a Python hundreds of times, and without bytecode each compiles what it imports.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help install demo test e2e test-versions test-system check bench bench-check screenshot board-pictures generate dashboards endings requirements testbed clean

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

install: $(READY) ## set up .venv with everything

$(READY): pyproject.toml requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and "Python 3.11 to 3.13 is needed: make PYTHON=python3.13")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@command -v $(UV) >/dev/null || $(BIN)/python -m pip install --quiet uv
	$(UV) pip install --quiet --python $(BIN)/python -r requirements.txt --no-deps --editable .
	@$(BIN)/python scripts/emitters_folder.py >/dev/null
	@touch $@

demo: $(READY) ## a real workload through the real SDKs, observed (ARGS=--exit ends after the summary)
	@$(BIN)/python scripts/demo.py $(ARGS)

test: $(READY) ## the tests that need Python alone
	$(BIN)/python -m pytest -m "not system" -n auto --dist worksteal $(ARGS)

test-system: $(READY) ## the tests that drive a browser and promtool (installs them where it can)
	@scripts/system_packages.sh
	$(BIN)/python -m pytest $$(grep -rlF --include="test_*.py" mark.system tests) -m system -n 2 --dist worksteal $(ARGS)

e2e: $(READY) ## send real telemetry through the real Collector, Prometheus, Jaeger ... and look at what comes out
	@scripts/system_packages.sh chromium
	@$(BIN)/python -m e2e.testbed >/dev/null
	$(BIN)/python -m pytest e2e -n 2 --dist loadfile $(ARGS)

test-versions: $(READY) ## the client half with every supported Python, and the oldest and newest SDKs (ARGS="oldest-3.11")
	$(BIN)/python scripts/versions.py $(ARGS)

check: $(READY) ## lint, types, the import contracts, and that generated files are fresh
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python scripts/generate_names.py --check
	$(BIN)/python scripts/generate_docs.py --check
	$(BIN)/python scripts/generate_doctor_docs.py --check
	$(BIN)/python scripts/generate_trace_schema.py --check
	$(BIN)/python scripts/generate_capabilities.py --check
	$(BIN)/python scripts/generate_clickhouse_schema.py --check
	$(BIN)/python scripts/generate_normalise.py --check
	$(BIN)/python scripts/generate_redact.py --check
	$(BIN)/python dashboards/generate.py --check
	PYTHONPATH=tests $(BIN)/python -m observe.endings --check

bench: $(READY) ## what observing costs, as in docs/overhead.md, measured here (ARGS=memory: that alone)
	@scripts/system_packages.sh valgrind
	$(BIN)/python -m bench $(ARGS)

bench-check: $(READY) ## fail where the counted figures of bench have grown (ARGS=--accept: let them)
	@scripts/system_packages.sh valgrind
	$(BIN)/python -m bench.check $(ARGS)

screenshot: $(READY) ## the pictures in docs/images
	@scripts/system_packages.sh
	$(BIN)/python scripts/screenshot.py

board-pictures: $(READY) ## the pictures of boards in docs/images, drawn from a made up day (ARGS=cost: that one)
	@scripts/system_packages.sh chromium pngquant
	PYTHONPATH=src:scripts:tests $(BIN)/python -m e2e.dashboards.pictures $(ARGS)

generate: $(READY) ## write the generated files anew
	$(BIN)/python scripts/generate_names.py
	$(BIN)/python scripts/generate_docs.py
	$(BIN)/python scripts/generate_doctor_docs.py
	$(BIN)/python scripts/generate_capabilities.py
	$(BIN)/python scripts/generate_trace_schema.py
	$(BIN)/python scripts/generate_clickhouse_schema.py
	$(BIN)/python scripts/generate_normalise.py
	$(BIN)/python scripts/generate_redact.py
	$(BIN)/python dashboards/generate.py

dashboards: $(READY) ## write the boards and the rules from their code, after objectives were changed
	$(BIN)/python dashboards/generate.py

endings: $(READY) ## run the table of surfaces and ends, and write it to docs/endings.md
	PYTHONPATH=tests $(BIN)/python -m pytest -n auto -p observe.endings_report \
		tests/observe/test_ends.py tests/observe/test_exit.py tests/observe/test_websocket.py $(ARGS)

requirements: ## resolve requirements.txt anew from the bounds in pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@command -v $(UV) >/dev/null || $(BIN)/python -m pip install --quiet uv
	$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --all-extras --group dev \
		--no-header --no-annotate --no-emit-index-url --no-emit-find-links \
		--output-file requirements.txt pyproject.toml

testbed: $(READY) ## build the real programs that e2e drives, once, into your cache folder (ARGS=collector: that alone)
	@$(BIN)/python -m e2e.testbed $(ARGS)

clean: ## remove what the targets made in this folder
	rm -rf .venv .venv-versions build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
