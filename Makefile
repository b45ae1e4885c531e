# Every recipe is one script; `make help` lists them. Works with GNU Make 3.81 (macOS) and later.
PYTHON ?= python3
RUN := .venv/bin/python -m
export PORT UPRIGHT_REPOSITORY UPRIGHT_SITE

.PHONY: help serve book notebooks labs student-release test check bench lint lock refresh licences colab canary links audit torch-cpu namespaces publish release clean install install-tests
.DEFAULT_GOAL := help

help: ## list the targets
	@$(PYTHON) -c "import re; [print('make %-15s %s' % m) for m in re.findall(r'(?m)^([a-z-]+):.*?## (.*)$$', open('Makefile').read())]"

serve: install ## build the book and serve it on http://127.0.0.1:8000 (PORT=8001 changes the port)
	@$(RUN) tools.serve

book: install ## execute every chapter and build the site into _build/site
	@$(RUN) tools.book

notebooks: install ## write one .ipynb per chapter, as Colab opens them, into _build/notebooks
	@$(RUN) tools.notebooks

labs: install ## write the students' labs into labs/ from solutions/, and an nbgrader course into _build/nbgrader
	@$(RUN) tools.labs

student-release: install ## pack the labs as students get them, without solutions, into _build/upright-labs.zip, and for GitHub Classroom
	@$(RUN) tools.student_release

test: install-tests ## install what is missing, then run linter, type checker and tests
	@$(RUN) tools.test

check: install-tests ## the long checks: repeats, recordings, a cold build; resumable, result in tests/check.json
	@$(RUN) tools.check

bench: install-tests ## measure build and training beside what a reader would otherwise use
	@$(RUN) tools.bench

lint: install-tests ## linter, formatter and type checker only
	@$(RUN) tools.test --lint

lock: install ## write requirements.lock anew after a change of the pins
	@$(RUN) tools.lock

refresh: install-tests ## lock the newest versions that the pins allow, with the tests as the judge
	@$(RUN) tools.lock --upgrade

licences: install ## write THIRD_PARTY.md, the licences of all that the course brings
	@$(RUN) tools.licences

colab: install ## run the published notebooks and the labs with the Python and the versions of Colab
	@$(RUN) tools.colab --json tests/colab.json

canary: install ## compare Colab's package lists with the facts in tools/colab_facts.json
	@$(RUN) tools.canary

links: install ## follow the book's links to other sites, and tell which lead nowhere
	@$(RUN) tools.links --json tests/links.json

audit: install ## look for locked packages that are known to be vulnerable
	@$(RUN) tools.audit

publish: book ## push the site to the branch gh-pages and the notebooks to the branch notebooks, both or neither
	@$(RUN) tools.publish

release: install ## build the wheel, the site and the labs as files of a release, into _build/release
	@$(RUN) tools.release

clean: ## delete all that was built and installed: _build, .venv and node_modules
	rm -rf _build .venv node_modules

torch-cpu: ## install torch's build for machines without an NVIDIA GPU, before anything else
	@$(PYTHON) tools/environment.py --torch-cpu

namespaces: ## let ordinary users make the namespaces of the autograder's sandbox, on Ubuntu 24.04 and later
	@$(PYTHON) tools/environment.py --namespaces

install:
	@$(PYTHON) tools/environment.py

install-tests:
	@$(PYTHON) tools/environment.py --tests
