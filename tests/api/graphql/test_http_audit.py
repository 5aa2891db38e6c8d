"""The audit suite that npm's graphql-http brings along, against a real api, as anybody would run it."""

import asyncio

import pytest

from tests.fixtures.graphql import Api
from tests.fixtures.node import RunNode


@pytest.mark.node
async def test_graphql_over_http_audit_passes_61_of_61(api: Api, run_node: RunNode) -> None:
    done = await asyncio.to_thread(run_node, "audit.mjs", f"{api.base}/graphql")

    assert (done.stdout, done.stderr, done.returncode) == ("61 of 61\n", "", 0)
