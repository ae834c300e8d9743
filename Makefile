# make run: the demo, from nothing to its report. make help lists the rest.

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
REQUIREMENTS := envs/requirements$(shell command -v nvidia-smi >/dev/null && nvidia-smi >/dev/null 2>&1 && echo -gpu).txt
# The experiments of status (A) and compare (A and B).
A ?= demo
B ?= kaggle
READY := $(VENV)/.ready-$(notdir $(basename $(REQUIREMENTS)))

.DEFAULT_GOAL := help
.PHONY: help run status compare test bench bench-full lint format dag pins clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(READY) ## run the demo: snakemake --cores 4 --resources gpu=1
	$(BIN)/snakemake --cores 4 --resources gpu=1

status: $(READY) ## show where an experiment stands until it is finished: make status A=kaggle
	@$(BIN)/python scripts/show_status.py --watch --experiment '$(A)'

compare: $(READY) ## print what differs between two experiments: make compare A=demo B=kaggle
	@$(BIN)/python scripts/compare_experiments.py '$(A)' '$(B)'

test: $(READY) ## run the tests
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile $(ARGS)

bench: $(READY) ## measure the steps, into results/benchmarks (a quarter of an hour; better on a quiet machine)
	set -e; for name in ingest augment training startup growth scheduling; do \
		$(BIN)/python tests/benchmarks/$$name.py; \
	done

bench-full: $(READY) ## measure the reference experiment against the published procedure (as long again)
	$(BIN)/python tests/benchmarks/reference.py $(ARGS)

lint: $(READY) ## check style, rules and workflow
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/snakemake --lint

format: $(READY) ## bring code and rules into the common form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile workflow

dag: $(READY) ## draw the rule graph and the job graph as SVG
	$(BIN)/snakemake --cores 1 dag

pins: ## pin anew what envs/*.in ask for (needs uv)
	cd envs && for file in requirements requirements-gpu; do \
		uv pip compile --quiet --upgrade --universal --fork-strategy fewest --python-version 3.11 \
			--generate-hashes --custom-compile-command 'make pins' $$file.in -o $$file.txt; \
	done

clean: ## remove the environment and all results; raw data stay
	rm -rf $(VENV) .snakemake results/*/

# Python writes no bytecode where PYTHONDONTWRITEBYTECODE is set, and importing TensorFlow without
# it takes seconds more in every job, so it is compiled here once.
$(READY): $(REQUIREMENTS)
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { \
		echo "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r $(REQUIREMENTS)
	$(BIN)/python -m compileall -q -j 0 $(VENV)/lib || true
	@touch $@
