"""Definitions in answers: passed on as the text that is stored, and parsed only where something is worked out of them.

A definition of 260 KB takes four times that when parsed, and checking it takes 50 to 100 ms (measured on one of 500
steps, two busy cores). So an answer holds its text, and what is worked out is worked out in a thread, one after another
for an operation: the door is on the same loop.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import TypeVar
from uuid import UUID

import orjson

from api.graphql.context import Info
from api.graphql.loaders.connections import connections_by_id
from api.graphql.loaders.definitions import definitions_by_version_id, drafts_by_zip_id
from api.graphql.scalars import JSON
from zipped import models
from zipped.engine.problem import Problem
from zipped.errors import NotFound
from zipped.services import validation, versions

Result = TypeVar("Result")

INLINE = 4_096  # characters of definitions; checking so many takes 1.5 ms, not worth a thread


async def draft(info: Info, zip_id: UUID) -> JSON:
    """A zip's draft as it is stored."""
    return _shown(info, await _draft(info, zip_id))


async def published(info: Info, version_id: UUID) -> JSON:
    """What a version says, as it is stored."""
    return _shown(info, await _published(info, version_id))


async def problems(info: Info, zip: models.Zip) -> list[Problem]:
    """Everything that keeps a zip's draft from being published."""
    written = await _draft(info, zip.id)
    named = await _apart(info, len(written), lambda: validation.connection_ids(json.loads(written)))
    found = await info.context.loader(connections_by_id).load_many(sorted(named))
    # A connection of another workspace is not there, even where the caller is a member of both.
    kinds = {row.id: row.kind for row in found if row and row.workspace_id == zip.workspace_id}
    return await _apart(info, len(written), lambda: _problems(info, json.loads(written), kinds))


async def given_problems(info: Info, document: object, kinds: Mapping[UUID, str]) -> list[Problem]:
    """The same for a document that came with the request, given the kinds of the workspace's connections."""
    return await _apart(info, INLINE + 1, lambda: _problems(info, document, kinds))


async def differs(info: Info, zip: models.Zip) -> bool:
    """Whether publishing a zip's draft would change what is live."""
    if zip.live_version_id is None:
        return True
    written, live = await _draft(info, zip.id), await _published(info, zip.live_version_id)
    size = len(written) + len(live)
    return await _apart(info, size, lambda: versions.differs(json.loads(written), json.loads(live)))


async def _draft(info: Info, zip_id: UUID) -> str:
    return _there(await info.context.loader(drafts_by_zip_id).load(zip_id))


async def _published(info: Info, version_id: UUID) -> str:
    return _there(await info.context.loader(definitions_by_version_id).load(version_id))


def _there(written: str | None) -> str:
    if written is None:
        raise NotFound("It was taken away while you asked for it.")
    return written


def _shown(info: Info, written: str) -> JSON:
    text = written.encode()
    info.context.show(len(text))
    return JSON(orjson.Fragment(text))


def _problems(info: Info, document: object, kinds: Mapping[UUID, str]) -> list[Problem]:
    return validation.problems_in(document, catalog=info.context.catalog, kinds=kinds)


async def _apart(info: Info, size: int, work: Callable[[], Result]) -> Result:
    if size <= INLINE:
        return work()
    async with info.context.thread:
        return await asyncio.to_thread(work)
