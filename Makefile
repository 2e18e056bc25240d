# What can be done with the project; `make` alone lists it. GNU Make 3.81, which macOS has, is enough.
# PYTHON=… names the interpreter to set up with, PORT=… where the app is served, ARGS=… is for pytest.

SET_UP = sh tools/with_python.sh tools/set_up.py
VENV_PYTHON = .venv/bin/python
# Each file stays whole, because its tests share servers and models; tests/conftest.py puts the long ones first.
TWO_AT_A_TIME = -n 2 --dist loadfile --no-loadscope-reorder

.SILENT:
.PHONY: help run test test-all lint bench bench-accuracy bench-load model lock bundle clean

help:
	echo "make run            start the app on http://localhost:8501 (another port: make run PORT=8502)"
	echo "make test           run the tests, except the slow ones (some of them: make test ARGS='-k ladder')"
	echo "make test-all       run all tests: trainings, kill tests, a whole set-up, 200 times the fuzzing"
	echo "make lint           check style, format and types"
	echo "make bench          measure what the README says about speed"
	echo "make bench-accuracy measure what it says about accuracy (needs MNIST, pen digits and UNIPEN)"
	echo "make bench-load     measure what a class of thirty costs the server (twenty minutes)"
	echo "make model          train the networks that ship in assets/"
	echo "make lock           write the two lock files anew, after a change of requirements or constraints"
	echo "make bundle         write a folder from which the app is installed without internet"
	echo "make clean          remove .venv and caches, and nothing that you made"

run:
	$(SET_UP) run

test:
	$(SET_UP) development
	$(VENV_PYTHON) tools/chromium.py
	$(VENV_PYTHON) -m pytest -m "not slow" $(TWO_AT_A_TIME) $(ARGS)

test-all:
	$(SET_UP) development
	$(VENV_PYTHON) tools/chromium.py
	MNIST_APP_FUZZ_CASES=10000 $(VENV_PYTHON) -m pytest $(TWO_AT_A_TIME) $(ARGS)

lint:
	$(SET_UP) development
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m mypy --strict mnist_app

bench:
	$(SET_UP) development
	$(VENV_PYTHON) tools/chromium.py
	$(VENV_PYTHON) -m bench

bench-accuracy:
	$(SET_UP) development
	$(VENV_PYTHON) -m bench.accuracy $(ARGS)

bench-load:
	$(SET_UP) development
	$(VENV_PYTHON) -m bench.load $(ARGS)
	$(VENV_PYTHON) -m bench.live_class

model:
	$(SET_UP) app
	$(VENV_PYTHON) -m mnist_app.learning.release.build_classifier
	$(VENV_PYTHON) -m mnist_app.learning.release.build_detector

# For every platform and Python that the app runs on; no address of a package index is written into it.
lock:
	$(SET_UP) development
	$(VENV_PYTHON) -m uv pip compile requirements.txt --constraint constraints.txt --universal \
		--python-version 3.11 --generate-hashes --only-binary :all: --no-annotate --quiet \
		--custom-compile-command "make lock" --output-file requirements.lock
	$(VENV_PYTHON) -m uv pip compile requirements-cluster.txt --constraint requirements.txt \
		--constraint constraints.txt --universal \
		--python-version 3.11 --generate-hashes --only-binary :all: --no-annotate --quiet \
		--custom-compile-command "make lock" --output-file requirements-cluster.lock

bundle:
	$(SET_UP) app
	$(VENV_PYTHON) tools/bundle.py $(ARGS)

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
