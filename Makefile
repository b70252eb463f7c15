# Two commands matter: `make demo` to see it, `make test` to trust it. `make help` lists the rest.
VENV ?= .venv
PY = $(VENV)/bin/python
# The address to serve on; what is not set is 127.0.0.1 and 8000.
export HOST PORT
SEED ?= 1
.DEFAULT_GOAL := help
.PHONY: help env env-dev demo run test check bench hard mutate catalogue lock clean

# The first Python that really starts, is new enough and can make environments. PYTHON= names one to try first.
FIND_PYTHON = old=; python=; \
	for each in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python; do \
	  "$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  if "$$each" -c 'import venv, ensurepip' 2>/dev/null; then python="$$each"; break; fi; \
	  old="$$each"; \
	done; \
	if [ -z "$$python$$old" ]; then \
	  echo "No Python 3.11 or newer was found. Install one, or name it: make ... PYTHON=/path/to/python3.13" >&2; exit 1; \
	elif [ -z "$$python" ]; then \
	  echo "$$old cannot make environments: its modules venv and ensurepip are missing." >&2; \
	  echo "On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; \
	fi

PIP = $(PY) -m pip --disable-pip-version-check --quiet

help: ## list what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20
	@echo; echo "  PORT=8001 HOST=0.0.0.0 change the address; CHANNEL_* settings: docs/operations.md"

demo: env ## run the service on a demonstration channel, in a data folder of its own
	@$(VENV)/bin/channel run --demo

run: env ## run the service on your own data
	@$(VENV)/bin/channel run

# An environment that was given with VENV= and not made here is somebody's own: it is used as it is.
ifneq ($(origin VENV),file)
ifneq ($(wildcard $(PY)),)
ifeq ($(wildcard $(VENV)/.made),)
GIVEN = yes
endif
endif
endif

ifdef GIVEN
env env-dev:
else
env: $(VENV)/.runtime
env-dev: $(VENV)/.dev
endif

$(VENV)/.made:
	@$(FIND_PYTHON); echo "Making the environment $(VENV) with $$("$$python" --version)"; \
	"$$python" -m venv --clear $(VENV)
	@touch $@

# A stamp stands for an environment that is as the lock files say; with nothing changed nothing is asked of pip.
$(VENV)/.runtime: requirements.lock requirements-build.lock pyproject.toml $(VENV)/.made
	@echo "Installing what the service needs"
	@$(PIP) install --require-hashes --no-deps -r requirements.lock -r requirements-build.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "Installing what the tests need"
	@$(PIP) install --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

test: env-dev ## run all tests, on a PostgreSQL of their own
	$(PY) -m pytest -n auto $(PYTEST)

check: env-dev ## style, types, import walls, catalogues
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(PY) -m channel.web.catalogue --check

bench: env-dev ## measure, as ratios on this machine
	$(PY) -m bench

hard: env-dev ## kill it, slow it, soak it: what is too long for the tests (HARD="soak slow" runs these alone)
	$(PY) -m tests.hard $(HARD)

mutate: env-dev ## make 300 faults in the rules, in half an hour: which does no test see? (SEED=2 draws others)
	$(PY) -m tests.mutation --seed $(SEED)

catalogue: env-dev ## collect new texts for translation; fill in what it names
	$(PY) -m channel.web.catalogue

lock: ## pin the newest versions that pyproject.toml allows (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --upgrade \
	  --no-emit-index-url --no-header --quiet --output-file requirements.lock
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --upgrade \
	  --constraint requirements.lock --no-emit-index-url --no-header --quiet --output-file requirements-dev.lock
	echo 'setuptools>=77' | uv pip compile - --universal --python-version 3.11 --generate-hashes --upgrade \
	  --no-emit-index-url --no-header --no-annotate --quiet --output-file requirements-build.lock

clean: ## remove the environment and what was built; data is never touched
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
