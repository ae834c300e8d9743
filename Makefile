# make run: the demo, from nothing to its report. make help lists the rest.

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
REQUIREMENTS := envs/requirements$(shell command -v nvidia-smi >/dev/null && nvidia-smi >/dev/null 2>&1 && echo -gpu).txt
# The experiments of status (A) and compare (A and B).
A ?= demo
B ?= kaggle
# The configuration of check-data.
CONFIG ?= config/config.yaml
READY := $(VENV)/.ready-$(notdir $(basename $(REQUIREMENTS)))
# What the package kaggle needs beside the rest, at the same versions where both need it.
KAGGLE := $(VENV)/.ready-requirements-kaggle
# What results in object storage and jobs in Kubernetes need beside the rest, and what tests of both need.
S3 := $(VENV)/.ready-requirements-s3
KUBERNETES := $(VENV)/.ready-requirements-kubernetes
TEST_S3 := $(VENV)/.ready-requirements-test-s3
# Snakemake's executor for SLURM, likewise.
SLURM := $(VENV)/.ready-requirements-slurm
# An environment contains its own path, so one that was moved is created again.
MOVED := $(shell envs/create.sh --check $(VENV) || echo moved)

# Packages of the user's account would count as installed, and every command would import them.
unexport PYTHONPATH PYTHONHOME

# In containers and batch systems, a user may have no name and no writable home folder.
ifndef LOGNAME
export LOGNAME := $(shell id -un 2>/dev/null || id -u)
endif
ifneq ($(shell test -w "$$HOME" || echo none),)
export HOME := $(CURDIR)/.cache/home
endif

.DEFAULT_GOAL := help
.PHONY: help run check-data status compare kaggle slurm s3 kubernetes test test-fresh test-deployment test-kaggle test-slurm test-s3 coverage bench bench-full lint format docs dag pins clean moved

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "%-16s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(READY) ## run the demo: snakemake --cores 4 --resources gpu=1
	$(BIN)/python -m snakemake --cores 4 --resources gpu=1

check-data: $(READY) ## look at the data before training: make check-data CONFIG=config/mine.yaml
	@$(BIN)/python -m snakemake --cores 2 --forcerun check_data --configfile '$(CONFIG)' -- check_data

status: $(READY) ## show the state of an experiment, live, until it is finished: make status A=kaggle
	@$(BIN)/python scripts/show_status.py --watch --experiment '$(A)'

compare: $(READY) ## print the differences between two experiments: make compare A=demo B=kaggle
	@$(BIN)/python scripts/compare_experiments.py '$(A)' '$(B)'

kaggle: $(KAGGLE) ## install Kaggle's package, for downloads and for submissions (11 MB)

slurm: $(SLURM) ## install Snakemake's executor for SLURM (docs/cluster.md)

s3: $(S3) ## install Snakemake's plugin for results in object storage (S3)

kubernetes: $(KUBERNETES) ## install that and Snakemake's executor for jobs in Kubernetes

test: $(READY) $(KAGGLE) ## run the tests
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(ARGS)

test-kaggle: $(KAGGLE) ## run an experiment from a download to its scores, with a stand-in for Kaggle (1 minute)
	$(BIN)/python -m pytest --numprocesses 0 $(ARGS) tests/kaggle

test-slurm: $(SLURM) ## run an experiment on a SLURM that is started on this machine (as root; 3 minutes)
	$(BIN)/python -m pytest --numprocesses 0 $(ARGS) tests/slurm

test-s3: $(TEST_S3) ## run experiments whose results are in object storage, with a stand-in for S3 (4 minutes)
	$(BIN)/python -m pytest --numprocesses 0 $(ARGS) tests/storage

coverage: $(READY) ## show the lines and branches of the library that the tests in one process leave out
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --cov=scripts/digits --cov-branch \
		--cov-report=term-missing:skip-covered $(ARGS) tests/unit tests/scripts tests/workflow

test-fresh: $(READY) ## run the README's commands in minimal Debian systems (as root, with mmdebstrap; half an hour)
	$(BIN)/python -m pytest --numprocesses 0 $(ARGS) tests/fresh/test_bare_machine.py

test-deployment: $(READY) ## carry out the Containerfile, and run with a stand-in for conda, in such systems (half an hour)
	$(BIN)/python -m pytest --numprocesses 0 $(ARGS) tests/fresh/test_containerfile.py tests/fresh/test_conda.py

bench: $(READY) ## benchmark the steps, into results/benchmarks (15 minutes; leave the machine idle)
	set -e; for name in ingest augment training floor startup critical_path growth scheduling; do \
		$(BIN)/python tests/benchmarks/$$name.py; \
	done

bench-full: $(READY) ## benchmark the reference experiment against the published procedure (15 minutes)
	$(BIN)/python tests/benchmarks/reference.py $(ARGS)

lint: $(READY) ## check style, rules, and the imports between packages
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m snakefmt --check Snakefile workflow
	PYTHONPATH=scripts $(BIN)/python -c "from importlinter.cli import lint_imports_command as lint; lint()"
	$(BIN)/python -m snakemake --lint

format: $(READY) ## format code and rules
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .
	$(BIN)/python -m snakefmt Snakefile workflow

docs: $(READY) ## write the schema and the tables of the configuration's keys from its models
	PYTHONPATH=scripts $(BIN)/python -m digits.config.documentation

dag: $(READY) ## draw the rule graph and the job graph as SVG
	$(BIN)/python -m snakemake --cores 1 dag

pins: $(READY) ## pin the newest versions of the packages in envs/*.in (needs uv)
	cd envs && for file in requirements requirements-gpu requirements-kaggle requirements-slurm requirements-s3 \
		requirements-kubernetes requirements-test-s3; do \
		uv pip compile --quiet --upgrade --universal --fork-strategy fewest --python-version 3.11 \
			--generate-hashes --override overrides.txt \
			--custom-compile-command 'make pins' $$file.in -o $$file.txt; \
	done
	PYTHONPATH=scripts $(BIN)/python -m digits.workflow.conda_environments

clean: ## remove the environment, all results, Snakemake's records and the store of trained cells; raw data stay
	rm -rf $(VENV) .cache .snakemake results/*/

$(READY): $(REQUIREMENTS) $(MOVED)
	envs/create.sh $(VENV) $(REQUIREMENTS)
	@touch $@

$(KAGGLE) $(SLURM) $(S3): $(VENV)/.ready-%: envs/%.txt $(READY)
	envs/create.sh $(VENV) $<
	@touch $@

$(KUBERNETES): envs/requirements-kubernetes.txt $(S3)
	envs/create.sh $(VENV) $<
	@touch $@

$(TEST_S3): envs/requirements-test-s3.txt $(KUBERNETES)
	envs/create.sh $(VENV) $<
	@touch $@
