# Yidang: every command a person needs. `make help` lists them.
PYTHON ?= python3
VENV_PYTHON := .venv/bin/python
export INBOX DATE

.DEFAULT_GOAL := help
.PHONY: help install run test check ui stop psql reset bench peers docs lock format

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

install: ## set up .venv from requirements.lock
	@$(PYTHON) runtime/bootstrap.py

run: install ## one night: deliveries -> published warehouse (DATE=YYYY-MM-DD, INBOX=folder of your own deliveries)
	@$(VENV_PYTHON) -m runtime run

test: install ## all tests, on a PostgreSQL and an Airflow of their own
	@$(VENV_PYTHON) -m pytest

check: install ## ruff and mypy --strict
	@$(VENV_PYTHON) -m ruff check .
	@$(VENV_PYTHON) -m ruff format --check .
	@$(VENV_PYTHON) -m mypy

ui: install ## start PostgreSQL and Airflow and leave them up
	@$(VENV_PYTHON) -m runtime ui

stop: install ## stop what `make ui` left up
	@$(VENV_PYTHON) -m runtime stop

psql: install ## a psql session in the warehouse
	@$(VENV_PYTHON) -m runtime psql

reset: install ## forget everything: stop the servers and delete the state folder
	@$(VENV_PYTHON) -m runtime reset

bench: install ## all benchmarks, kept and rendered into docs/benchmarks.md (hours; one: python -m benchmarks NAME --keep)
	@$(VENV_PYTHON) -m benchmarks all --keep

peers: install ## an environment of the tools we are measured beside (Splink, GoldenMatch, recordlinkage, dedupe)
	@$(VENV_PYTHON) -m benchmarks.peers

docs: install ## write the generated pages of docs/ anew (dictionary, settings, rules, benchmarks)
	@$(VENV_PYTHON) -m runtime docs
	@$(VENV_PYTHON) -m benchmarks page

format: install ## bring the code into the house style
	@$(VENV_PYTHON) -m ruff check --fix .
	@$(VENV_PYTHON) -m ruff format .

lock: install ## write requirements.lock anew from requirements.txt and requirements-dev.txt
	@$(VENV_PYTHON) -m uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	    requirements-dev.txt -o requirements.lock
