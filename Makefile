# Two commands matter: `make demo` to see it, `make test` to trust it. `make help` lists the rest.
VENV ?= .venv
PYTHON ?= python3
PY = $(VENV)/bin/python
.DEFAULT_GOAL := help
.PHONY: help env demo run test check bench catalogue

help: ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

check: ## style, types, import walls, catalogues
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(PY) -m channel.web.catalogue --check

catalogue: ## collect new texts for translation; fill in what it names
	$(PY) -m channel.web.catalogue
