PYTHON3 ?= $(shell command -v python3 || command -v python || echo python3)
PYTHON := .venv/bin/python

RUN := $(PYTHON3) deploy/venv.py run
DEV := $(PYTHON3) deploy/venv.py dev
WEB_BUILD := $(if $(filter no,$(WEB)),true,$(PYTHON) deploy/web.py)
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --upgrade --quiet \
	--no-header --no-annotate --no-emit-index-url --extra build

.DEFAULT_GOAL := help
.PHONY: help up web test check fmt schema migration bench bench-web pictures chaos kafka-up lock

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

up: ## set up and start everything (KAFKA=apache: on Apache Kafka, needs Java 17 and Maven; WEB=no: without pages)
	@$(RUN) && $(WEB_BUILD) && exec $(PYTHON) -m zipped.cli up $(if $(KAFKA),--kafka $(KAFKA))

web: ## build the web application (needs Node 20)
	@$(RUN) && $(PYTHON) deploy/web.py

test: ## set up and run every test, four at a time (T=…: only these, with pytest's own words)
	@$(DEV) && exec $(PYTHON) -m pytest $(or $(T),-n 4 --dist worksteal)

check: ## formatting, lint, types, import contracts, schema.graphql up to date
	@$(DEV) && PATH="$(CURDIR)/.venv/bin:$$PATH" sh deploy/check.sh

fmt: ## format and fix what can be fixed
	@$(DEV) && $(PYTHON) -m ruff check --fix --quiet . ; $(PYTHON) -m ruff format .

schema: ## print schema.graphql
	@$(DEV) && $(PYTHON) -m api.graphql.print

migration: ## a new migration from what the models say: make migration M="add a column"
	@$(DEV) && $(PYTHON) deploy/migration.py "$(M)"

bench: ## measure, on Apache Kafka (needs Java 17 and Maven)
	@$(DEV) && exec $(PYTHON) -m bench $(B)

bench-web: ## measure the pages in a browser (needs Node 20 and Chromium)
	@$(DEV) && exec $(PYTHON) -m bench.web $(B)

pictures: ## take the README's pictures anew (needs Node 20 and Chromium)
	@$(DEV) && exec $(PYTHON) -m bench.pictures

chaos: ## kill everything under load and count what is missing (needs Java 17 and Maven)
	@$(DEV) && exec $(PYTHON) -m tests.chaos $(C)

kafka-up: ## Apache Kafka in the foreground (PORT=9092; needs Java 17 and Maven)
	@$(RUN) && exec $(PYTHON) -m zipped.embedded.kafka $(if $(PORT),--port $(PORT))

lock: ## lock the newest allowed packages into requirements/ (needs uv)
	@$(LOCK) --output-file requirements/run.txt && $(LOCK) --extra dev --constraint requirements/run.txt --output-file requirements/dev.txt
