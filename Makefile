# One command each; `make` alone says what there is.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r
RESOLVE := uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

.PHONY: help demo repro show test lint lock
help: ## say what there is to make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

demo: .venv/pipeline.stamp ## train and score the three demo taggers (first call: install all that it needs)
	@$(BIN)/dvc repro demo
	@$(BIN)/python -m stages.compare demo

repro: .venv/pipeline.stamp ## run the whole pipeline on the published corpora (network, or NER_MIRROR)
	@$(BIN)/dvc repro

show: .venv/pipeline.stamp ## print the scores of all runs
	@$(BIN)/python -m stages.compare summary

test: .venv/dev.stamp ## run all tests
	@$(BIN)/python -m pytest

lint: .venv/dev.stamp ## check style and types
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

lock: ## resolve the groups of pyproject.toml anew: versions and hashes, no host (needs uv)
	$(RESOLVE) --group pipeline --output-file requirements/pipeline.txt
	for group in serve dev bench gpu; do \
	    $(RESOLVE) --constraint requirements/pipeline.txt --group $$group --output-file requirements/$$group.txt; done

# A group's lock file installs once; a second call finds the stamp. dev has all that pipeline has.
.venv/%.stamp: requirements/%.txt
	@$(PYTHON) -c 'import sys; sys.exit("error: Python 3.11 or newer is needed; try make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing $< into .venv (a minute or two, once)"
	@$(INSTALL) $<
	@touch $@
