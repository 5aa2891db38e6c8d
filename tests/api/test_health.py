"""The api's own pages for operators, and how it says that it is about to leave."""

import orjson

from tests.fixtures.hooks import MakeHook
from tests.fixtures.serving import Serving
from tests.fixtures.waiting import until


async def test_draining_tells_clients_to_go_elsewhere(server: Serving, make_hook: MakeHook) -> None:
    # given
    hook = await make_hook()
    assert "connection" not in (await server.post(hook.path)).headers

    # when
    server.api.drain()

    # then: it still accepts, but is no longer ready
    said = await server.post(hook.path)
    assert (said.status, said.headers["connection"]) == (202, "close")
    ready = await server.send("GET", "/readyz")
    assert (ready.status, ready.json()["status"]) == (503, "draining")
    assert (await server.send("GET", "/livez")).status == 200


async def test_health_and_figures(server: Serving, make_hook: MakeHook) -> None:
    hook = await make_hook()
    await server.post(hook.path)

    async def ready() -> bool:
        return (await server.send("GET", "/readyz")).body == b'{"status":"ready"}'

    await until(ready)
    figures = await server.send("GET", "/metrics")
    assert figures.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert b'zipped_events_total{outcome="accepted"}' in figures.body
    assert orjson.loads((await server.send("GET", "/livez")).body) == {"status": "alive"}
