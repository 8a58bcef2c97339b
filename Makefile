# One command each; `make` alone says what there is.
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r
RESOLVE := uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

# What `make grid` tries of RUN, and how it prints it: text, markdown or latex
RUN ?= demo-news
GRID ?= model.architecture=bilstm,bilstm-crf training.seed=1,2,3
FORMAT ?= text
# Seeds of `make seeds`, and what `make sweep` tries
SEEDS ?= 1 2 3
BATCH_SIZES ?= 16,32,64
LEARNING_RATES ?= 0.001,0.002,0.004
EPOCHS ?= 10,30
WORKERS ?= 2
TEXT ?= Barack Obama visited Berlin.
export TEXT
DETAILS := .*(labels|errors|token|conlleval|_low|_high|precision|recall|calibration|invalid|seen)|[a-z]+/[^:]*$$|Created|State|Executor
ENV := PATH=$(CURDIR)/$(BIN):$$PATH

.PHONY: help demo tag repro unchanged show plots readme grid seeds sweep experiments release schema doctor drills audit test lint lock
help: ## say what there is to make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 13

demo: .venv/pipeline.stamp ## train and score the three demo taggers (first call: install all that it needs)
	@$(BIN)/dvc repro demo
	@$(BIN)/python -m ner.reports.summary demo

tag: .venv/pipeline.stamp ## fetch the released taggers, if they are not there, and show the entities of TEXT
	@test -d released/conll2003-crf-distilled || $(BIN)/dvc pull --quiet -r released release
	@printf '%s\n' "$$TEXT" | $(BIN)/ner show

repro: .venv/pipeline.stamp ## run the whole pipeline on the published corpora (network, or NER_MIRROR)
	@$(BIN)/dvc repro

unchanged: .venv/dev.stamp ## after a change of code that moves no byte: prove it, and take the committed results over
	@$(BIN)/python -m ner.pipeline.unchanged

show: .venv/pipeline.stamp ## print the scores of all runs, as `dvc repro` left them
	@$(BIN)/python -m ner.reports.summary

plots: .dvc/tmp/vega.js ## draw all plots as a page that opens without a network; `dvc plots diff` gives such a page too
	@$(BIN)/dvc plots show

readme: .venv/pipeline.stamp ## write the tables of the README and docs/results.md anew
	@$(BIN)/python -m ner.reports.readme

grid: .venv/pipeline.stamp ## train RUN once for each choice from GRID, as experiments: a table, with means over seeds
	@$(BIN)/python -m ner.reports.experiments $(RUN) $(foreach one,$(GRID),'$(one)') --overrides | $(ENV) xargs dvc exp run --queue
	@$(ENV) dvc exp run --run-all
	@$(ENV) dvc exp show --json | \
	    $(BIN)/python -m ner.reports.experiments $(RUN) $(foreach one,$(GRID),$(firstword $(subst =, ,$(one)))) --format $(FORMAT)

seeds: .venv/pipeline.stamp ## train RUN, or several, with each of SEEDS: mean and deviation -> metrics/seeds.json
	@$(ENV) $(BIN)/python -m ner.reports.seeds --seeds $(SEEDS) -- $(RUN)

sweep: ## `make grid` with each of BATCH_SIZES, LEARNING_RATES and EPOCHS
	@$(MAKE) --no-print-directory grid \
	    GRID='training.batch_size=$(BATCH_SIZES) training.learning_rate=$(LEARNING_RATES) training.epochs=$(EPOCHS)'

experiments: .venv/pipeline.stamp ## print the experiments so far: what they changed, and their entity F1
	@$(ENV) COLUMNS=230 dvc exp show --no-pager --only-changed --drop '$(DETAILS)'

release: .venv/pipeline.stamp ## make the released taggers anew and put them into store/, to be committed
	@$(BIN)/dvc repro release
	@$(BIN)/python -m ner.pipeline.store

schema: .venv/pipeline.stamp ## write params.schema.json, by which editors complete and check params.yaml
	@$(BIN)/python -m ner.pipeline.validation

doctor: .venv/pipeline.stamp ## check machine, params.yaml, sources of corpora and DVC remotes; each fault with its cure
	@$(BIN)/python -m ner.doctor

drills: .venv/dev.stamp ## break the storage in every way (many minutes, root) and write tests/storage/faults.md
	@NER_DRILLS=1 $(BIN)/python -m pytest tests/storage && $(BIN)/python tests/storage/drills.py

audit: .venv/dev.stamp ## look the locked versions up among known vulnerabilities (network)
	@for lock in requirements/*.txt; do $(BIN)/pip-audit --disable-pip --require-hashes -r $$lock || exit 1; done

test: .venv/dev.stamp ## run all tests
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal

lint: .venv/dev.stamp ## check style and types
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

lock: ## resolve the groups of pyproject.toml anew: versions and hashes, no host (needs uv)
	$(RESOLVE) --group pipeline --output-file requirements/pipeline.txt
	for group in serve storage dev gpu; do \
	    $(RESOLVE) --constraint requirements/pipeline.txt --group $$group --output-file requirements/$$group.txt; done

.dvc/tmp/vega.js: .venv/pipeline.stamp
	@mkdir -p $(@D) && $(BIN)/python -c 'import vl_convert; print(vl_convert.javascript_bundle())' > $@.part && mv $@.part $@

# A group's lock file installs once, and this project, for the command `ner`; a second call finds the stamp. dev has all
# that pipeline has.
.venv/%.stamp: requirements/%.txt
	@$(PYTHON) -c 'import sys; sys.exit("error: Python 3.11 or newer is needed; try make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing $< into .venv (a minute or two, once)"
	@$(INSTALL) $<
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
