# CiteBrief, one line per job. A fresh machine needs make and Python 3.11 (with pip and venv), no more.
# More words for a job go in ARGS:  make run ARGS="--port 7861"   make test ARGS="-k glossary"

# Commands tried in turn as Python 3.11; name another:  make run PYTHON=/opt/python3.11/bin/python3.11
PYTHON ?= python3.11 python3

# Options for the one line that installs torch. On Linux, pip takes the CUDA build (3 GB) unless it is
# shown a CPU wheel: set PIP_EXTRA_INDEX_URL or PIP_FIND_LINKS, or name the place here:
#   make run TORCH_INSTALL_ARGS="--find-links /path/to/wheels"
TORCH_INSTALL_ARGS ?=

UV := uv==0.13.9
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
READY := .venv/.ready

help: ## list these jobs
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-7s %s\n", $$1, $$2}' Makefile
run: $(READY) ## set up where needed, then serve the chat at 127.0.0.1:7860
	@$(BIN)/citebrief serve $(ARGS)
test: $(READY) ## set up where needed, then run the tests
	@$(BIN)/python -m pytest -n 2 $(ARGS)
lint: $(READY) ## format, ruff and mypy, changing nothing
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy
check: lint test ## lint, then test
eval: $(READY) ## measure answers on the held-out half of the questions
	@$(BIN)/citebrief eval run --half test $(ARGS)
gate: $(READY) ## measure the dev half, and fail where it fell below eval/baseline.json
	@rm -rf build/gate
	@$(BIN)/citebrief eval run --half dev --jobs 2 --out build/gate --json >/dev/null
	@$(BIN)/citebrief eval gate build/gate --against eval/baseline.json
bench: $(READY) ## measure time and memory, then again as the library grows; ARGS="--sizes 1000"
	@$(BIN)/python -m eval.bench
	@$(BIN)/python -m eval.ingest_bench
	@$(BIN)/python -m eval.scale $(ARGS)
train: $(READY) ## train the embedder that ships in index/embedder
	@$(BIN)/python -m index.training.train_embedder $(ARGS)
graph: $(READY) ## draw docs/modules.svg anew from the imports; needs Graphviz's dot
	@$(BIN)/python docs/module_graph.py
lock: ## pin pyproject.toml anew in requirements.lock; ARGS=--upgrade for newer versions
	@for p in $(PYTHON); do "$$p" -m venv build/uv && break; done
	@build/uv/bin/python -m pip install -q $(UV) && cp requirements.lock build/
	@build/uv/bin/uv pip compile pyproject.toml --extra dev --python-version 3.11 -q -o build/requirements.lock \
	  --no-emit-index-url --no-emit-find-links --no-header --no-annotate --generate-hashes $(ARGS)
	@awk '/^[a-z0-9]/ {keep = !/^(torch|triton|cuda-[a-z]+|nvidia-[a-z0-9-]+)==/} keep' build/requirements.lock >requirements.lock
clean: ## remove .venv, caches and everything else that was built
	@rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help run test lint check eval gate bench train graph lock clean FORCE
FORCE:

# .venv/.ready is written last and holds this folder's path, so a set-up that broke off, a copied or
# moved checkout, or one whose Python has gone is made anew; a changed lock is installed in place.
$(READY): requirements.lock pyproject.toml
	@sh -c "$$SETUP"
ifneq ($(shell $(BIN)/python -c '' 2>/dev/null && cat $(READY) 2>/dev/null),$(CURDIR))
$(READY): FORCE
endif

define SETUP
step() { echo "set-up: $$*"; }
fail() { echo "set-up failed: $$*" >&2; exit 1; }
current() { $(BIN)/python -c '' 2>/dev/null && [ "$$(cat $(READY) 2>/dev/null)" = "$$PWD" ]; }

mkdir -p build && exec 9>build/setup.lock && { flock 9 2>/dev/null || true; } # one make at a time
current && [ -n "$$(find $(READY) -newer requirements.lock -newer pyproject.toml)" ] && exit 0

if ! current; then
    python= found=
    for p in $(PYTHON); do
        v=$$("$$p" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null) || continue
        case $$v in 3.11.*) python=$$p; break ;; *) found="$$found $$p is $$v," ;; esac
    done
    [ "$$python" ] || fail "CiteBrief needs Python 3.11, but$${found:- $(PYTHON) did not run,} so install it" \
        "(Debian 12: apt-get install python3.11-venv; macOS: brew install python@3.11; elsewhere: pyenv or uv)" \
        "and run make again, or name one you have with: make run PYTHON=/path/to/python3.11"
    step "making .venv with Python $$v"
    "$$python" -m venv --clear .venv || fail "Python $$v could not make .venv:" \
        "install its venv module (Debian and Ubuntu: apt-get install python3.11-venv) and run make again."
fi
retry="check the network, the proxy settings (HTTPS_PROXY, PIP_CERT) and the free disk space, then run make again."
step "installing the pinned packages of requirements.lock (one to five minutes the first time)"
$(PIP) install -qq --no-compile --no-deps --require-hashes -r requirements.lock \
    || fail "pip could not install requirements.lock: $$retry"
torch=$$(sed -n 's/^ *"\(torch==[^"]*\)".*/\1/p' pyproject.toml)
step "installing $$torch (190 MB, or 3 GB where pip finds no CPU wheel: see TORCH_INSTALL_ARGS in the Makefile)"
$(PIP) install -qq --no-compile $(TORCH_INSTALL_ARGS) "$$torch" || fail "pip could not install $$torch: $$retry"
$(PIP) install -qq --no-deps --no-build-isolation -e . \
    || fail "pip could not install CiteBrief itself: correct pyproject.toml as pip says above, then run make again."
step "compiling bytecode, so that the first start is quick"
$(BIN)/python -m compileall -qq -j 0 .venv/lib || true # some packages ship templates that are not Python
echo "$$PWD" >$(READY)
step "done"
endef
export SETUP
