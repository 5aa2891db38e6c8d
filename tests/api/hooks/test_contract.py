"""What outsiders may rely on under /hooks: every status with its exact answer, and what it leaves in the ledger."""

from collections.abc import Awaitable, Callable

from tests.fixtures.hooks import Hook
from tests.fixtures.serving import Serving

MakeHook = Callable[..., Awaitable[Hook]]


async def test_accepted(server: Serving, make_hook: MakeHook) -> None:
    # given
    hook = await make_hook()

    # when
    said = await server.post(hook.path, b'{"n":1}')

    # then
    assert said.status == 202
