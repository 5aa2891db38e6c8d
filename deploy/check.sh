#!/bin/sh
# Everything that can be said about the code without running the product. Each line is one complaint's source.
set -eu

step() {
    echo "· $*"
    "$@"
}

step ruff format --check --quiet .
step ruff check --quiet .
step mypy
step lint-imports --no-logo
step python -m api.graphql.print --check
# What decides about a run is tested to its last branch.
step python -m pytest -q tests/unit/engine --cov=zipped.engine --cov-branch --cov-fail-under=100 --cov-report=
step python deploy/web.py check
echo "Checked."
