"""`zipped demo`: posts to the demo zip as any sender would, and prints the run as it moves, as any client sees it.

It goes through the front doors only: the webhook's address and a GraphQL subscription. What it needs the database for
is the address and a token of its own, which it revokes again.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from zipped import ids
from zipped.db import Database
from zipped.embedded import demo_zip
from zipped.errors import NotFound, Unavailable
from zipped.services import accounts, api_tokens
from zipped.services.audit import Actor
from zipped.settings import Settings

CONNECT_TIMEOUT = 5.0  # seconds
LONGEST = 60.0  # seconds from the post to the run's end
FINISHED = ("SUCCEEDED", "FAILED", "CANCELLED", "DEAD")

SUBSCRIPTION = """
subscription Demo($zipId: ID!) {
  runUpdates(zipId: $zipId) {
    ... on RunUpdate {
      run { id status waitsFor error { message } steps { stepId attempt status } }
    }
  }
}
"""

OUTPUTS = """
query Outputs($id: ID!) {
  node(id: $id) { ... on Run { steps { stepId status output } } }
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a client needs to post to the zip and to watch it."""

    zip_id: str
    address: str
    token: str


def demo(settings: Settings, *, name: str) -> int:
    """Greet `name`; 0 when the run succeeded. Raises NotFound, Unavailable."""
    return asyncio.run(_demo(settings, name))


async def _demo(settings: Settings, name: str) -> int:
    async with _access(settings) as access:
        headers = {"Authorization": f"Bearer {access.token}"}
        timeout = aiohttp.ClientTimeout(total=LONGEST, connect=CONNECT_TIMEOUT)
        try:
            async with aiohttp.ClientSession(headers=headers, timeout=timeout) as client, asyncio.timeout(LONGEST):
                return await _greet(client, settings, access, name)
        except TimeoutError as error:
            raise Unavailable(f"The run did not end within {LONGEST:.0f} s; `zipped doctor` says why.") from error
        except aiohttp.ClientError as error:
            raise Unavailable(f"{settings.public_url} does not answer ({error}); is `zipped up` running?") from error


async def _greet(client: aiohttp.ClientSession, settings: Settings, access: Access, name: str) -> int:
    async with _subscribed(client, settings, access) as updates:
        body = {"name": name}
        print(f"POST {access.address}  {json.dumps(body)}")
        async with client.post(access.address, json=body) as answer:
            told = await answer.json()
            print(f"{answer.status} {json.dumps(told)}")
            if answer.status != 202:
                return 1
        status = await _print_moves(updates, told["runId"])
    await _print_outputs(client, settings, told["runId"])
    return 0 if status == "SUCCEEDED" else 1


async def _print_moves(updates: AsyncIterator[Mapping[str, Any]], run_id: str) -> str:
    said: set[str] = set()
    async for update in updates:
        run = update["run"] if update else None
        if run is None or run["id"] != run_id:
            continue
        for step in run["steps"]:
            _say_once(said, f"  step {step['stepId']}: {step['status'].lower()}")
        waiting = f" for a {run['waitsFor'].lower()}" if run["waitsFor"] else ""
        _say_once(said, f"run {run['status'].lower()}{waiting}")
        if run["status"] in FINISHED:
            if run["error"]:
                print(run["error"]["message"])
            return str(run["status"])
    return "LOST"


def _say_once(said: set[str], line: str) -> None:
    if line not in said:
        said.add(line)
        print(line, flush=True)


async def _print_outputs(client: aiohttp.ClientSession, settings: Settings, run_id: str) -> None:
    document = {"query": OUTPUTS, "variables": {"id": run_id}}
    async with client.post(f"{settings.public_url}/graphql", json=document) as answer:
        told = await answer.json()
    for step in told["data"]["node"]["steps"]:
        print(f"  {step['stepId']} → {json.dumps(step['output'], ensure_ascii=False)}")


@asynccontextmanager
async def _subscribed(
    client: aiohttp.ClientSession, settings: Settings, access: Access
) -> AsyncIterator[AsyncIterator[Mapping[str, Any]]]:
    """The updates of the zip's runs over graphql-transport-ws."""
    url = f"{settings.public_url}/graphql"
    async with client.ws_connect(url, protocols=("graphql-transport-ws",)) as socket:
        await socket.send_json({"type": "connection_init", "payload": {"authorization": f"Bearer {access.token}"}})
        await _expect(socket, "connection_ack")
        payload = {"query": SUBSCRIPTION, "variables": {"zipId": access.zip_id}}
        await socket.send_json({"id": "1", "type": "subscribe", "payload": payload})
        await _expect(socket, "next")  # a Resync: from here on nothing is missed
        yield _updates(socket)


async def _updates(socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[Mapping[str, Any]]:
    while True:
        message = await _expect(socket, "next")
        yield message["payload"]["data"]["runUpdates"]


async def _expect(socket: aiohttp.ClientWebSocketResponse, kind: str) -> Mapping[str, Any]:
    """The next message of this kind. Raises Unavailable when the api says something else, or goodbye."""
    while True:
        frame = await socket.receive()
        if frame.type is not aiohttp.WSMsgType.TEXT:
            raise Unavailable(f"The api closed the subscription ({socket.close_code} {frame.extra or ''}).".strip())
        message: Mapping[str, Any] = frame.json()
        if message["type"] == kind:
            return message
        if message["type"] == "ping":
            await socket.send_json({"type": "pong"})
        else:
            raise Unavailable(f"The api refused the subscription: {json.dumps(message.get('payload'))}")


@asynccontextmanager
async def _access(settings: Settings) -> AsyncIterator[Access]:
    """A token for this one look, and the demo zip's address. Raises NotFound when there is no demo zip."""
    database = Database(settings.database_url, application_name="zipped demo", pool_size=1)
    try:
        async with database.begin() as session:
            owner = await accounts.owner(session)
            found = None if owner is None else await demo_zip.find(session, owner)
            if owner is None or found is None:
                raise NotFound(
                    f"There is no live zip called “{demo_zip.NAME}” in the owner's workspaces; "
                    "`zipped up` makes it at the very first start."
                )
            workspace_id, actor = found.workspace_id, Actor(user_id=owner.id)
            address = await demo_zip.address(session, found, settings=settings)
            row, token = await api_tokens.create(
                session, workspace_id, name="zipped demo", scope="read", expires_in_days=1, actor=actor
            )
        try:
            yield Access(zip_id=ids.encode("zip", found.id), address=address, token=token)
        finally:
            async with database.begin() as session:
                await api_tokens.revoke(session, workspace_id, row.id, of_user=owner.id, actor=actor)
    finally:
        await database.dispose()
