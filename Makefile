# Everything happens inside this folder: the environment in .venv, what is made in output.
# `make` shows the targets. PYTHON says which Python builds the environment: make test PYTHON=python3.12

PYTHON ?= python3
CASE ?= content/cases/p01.yaml
PATIENTS ?= 2000
WORKERS ?= 2

VENV := .venv
BIN := $(VENV)/bin
CORE := $(VENV)/core-installed
COHORT := $(VENV)/cohort-installed
REGISTRY := $(VENV)/registry-installed
DEV := $(VENV)/dev-installed
INSTALL := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check --no-cache-dir install
FLOORS_FULLY_COVERED := src/nelm/criteria/*,src/nelm/knowledge/*,src/nelm/patient/*,src/nelm/advice/*

# Font and other caches of the programs that the tests start belong in here too.
export XDG_CACHE_HOME := $(CURDIR)/$(VENV)/cache

.DEFAULT_GOAL := help
.PHONY: help assess site cohort registry setup test lint format bench nightly picture lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1|\2/' | awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'

assess: $(CORE) ## advice on one patient: terminal, HTML, PDF (CASE=content/cases/p05.yaml for another)
	@$(BIN)/nelm assess "$(CASE)"
	@$(BIN)/nelm assess "$(CASE)" --format html --format pdf --output output

site: $(CORE) ## the guidelines as pages to read, in output/guidelines
	@$(BIN)/nelm guideline build --output output/guidelines

cohort: $(COHORT) ## a synthetic cohort, judged: verdicts, counts, concordance, diagrams in output/cohort (PATIENTS=2000)
	@$(BIN)/nelm cohort simulate --patients $(PATIENTS) --seed 1 --output output/cohort/records.jsonl
	@$(BIN)/nelm cohort facts output/cohort/records.jsonl --output output/cohort/facts.parquet
	@$(BIN)/nelm cohort assess output/cohort/facts.parquet --output output/cohort
	@$(BIN)/nelm cohort summarise output/cohort/facts.parquet --by grade
	@$(BIN)/nelm cohort missing output/cohort/facts.parquet
	@$(BIN)/nelm cohort attrition output/cohort/facts.parquet milan_net_met --output output/cohort
	@$(BIN)/nelm cohort facts output/cohort/records.jsonl --at each:treatments --output output/cohort/decisions.parquet
	@$(BIN)/nelm cohort concordance output/cohort/decisions.parquet --output output/cohort

registry: $(REGISTRY) ## a synthetic registry, frozen, and its annual report in output/registry/report (PATIENTS=2000)
	@rm -rf output/registry
	@$(BIN)/nelm cohort simulate --patients $(PATIENTS) --seed 1 --registry --output output/registry/records.jsonl
	@$(BIN)/nelm registry freeze output/registry/records.jsonl --output output/registry/freeze
	@$(BIN)/nelm registry report output/registry/freeze --output output/registry/report

setup: $(DEV) ## the development environment, in .venv

test: lint ## every check: format, lint, types, content, layers, tests with coverage, worked cases
	$(call step,content,$(BIN)/nelm guideline check)
	$(call step,import layers,$(BIN)/python -m pytest --quiet tests/test_layers.py)
	$(call step,tests,$(BIN)/python -m pytest --quiet -n $(WORKERS) --cov --cov-report=)
	$(call step,coverage of the whole,$(BIN)/coverage report)
	$(call step,coverage of criteria and knowledge and patient and advice,$(BIN)/coverage report --include '$(FLOORS_FULLY_COVERED)' --fail-under=100)
	$(call step,worked cases,$(BIN)/nelm guideline test)
	@printf '\nmake test: every check passed.\n'

lint: $(DEV) ## format, lint and types
	$(call step,format (make format mends it),$(BIN)/ruff format --check --output-format concise .)
	$(call step,lint,$(BIN)/ruff check --quiet .)
	$(call step,types,$(BIN)/mypy)

format: $(DEV) ## put the code into its format, and mend what the lint can
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format .

bench: $(DEV) ## how long the main jobs take
	@$(BIN)/python -m benchmarks.run
	@$(BIN)/python -m benchmarks.cohort
	@$(BIN)/python -m benchmarks.epidemiology
	@$(BIN)/python -m benchmarks.registry_checks
	@$(BIN)/python -m benchmarks.linkage
	@$(BIN)/python -m benchmarks.registry_report

nightly: $(DEV) ## a million generated patients: the columns against the reference
	@$(BIN)/python -m tests.cohort.agreement 1000000

picture: $(DEV) ## the picture in the README, anew (needs Chromium)
	@$(BIN)/python tools/make_picture.py

lock: $(DEV) ## write the lock files anew from pyproject.toml (UPGRADE=1 takes newer versions)
	@CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile $(LOCK) --output-file requirements/core.txt pyproject.toml
	@CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile $(LOCK) --extra cohort -c requirements/core.txt --output-file requirements/cohort.txt pyproject.toml
	@CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile $(LOCK) --extra registry -c requirements/cohort.txt --output-file requirements/registry.txt pyproject.toml
	@CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile $(LOCK) --extra dev -c requirements/registry.txt --output-file requirements/dev.txt pyproject.toml
	@! grep -nE '(https?|file)://' requirements/*.txt || { echo 'make lock: these lines carry an address; remove it from the configuration of pip.'; exit 1; }

clean: ## remove everything that make made
	rm -rf $(VENV) tests/interop/cql/node_modules output build dist htmlcov .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

LOCK := --quiet --generate-hashes --allow-unsafe --strip-extras --build-deps-for=editable \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options $(if $(UPGRADE),--upgrade)

# One check: its name, then its command. The first that fails ends the run and is named.
define step
	@printf '\n== %s\n' '$(1)'; $(2) || { printf '\nStopped at: %s (see above).\n' '$(1)' >&2; exit 1; }
endef

# The environment is made once; only a change of what it is made from makes it anew.
$(CORE): requirements/core.txt pyproject.toml src/nelm/__init__.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "NELM needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>/dev/null || echo 'not there')." >&2; \
	  echo "Name one that is: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@echo 'Setting up .venv (once) ...'
	@$(PYTHON) -m venv $(VENV) || { echo "No environment could be made: does '$(PYTHON)' lack its venv module (Debian: apt install python3-venv)?" >&2; exit 1; }
	@$(INSTALL) --require-hashes -r requirements/core.txt
	@$(INSTALL) --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(COHORT): $(CORE) requirements/cohort.txt
	@echo 'Installing what cohorts need (once) ...'
	@$(INSTALL) --require-hashes -r requirements/cohort.txt
	@touch $@

$(REGISTRY): $(COHORT) requirements/registry.txt
	@echo 'Installing what the registry needs (once) ...'
	@$(INSTALL) --require-hashes -r requirements/registry.txt
	@touch $@

$(DEV): $(CORE) requirements/dev.txt
	@echo 'Installing what the tests need (once) ...'
	@$(INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@
