"""From a claim to a run that can go on: what the steps ahead will look at, loaded for a whole batch at once.

A fresh run of a version in memory whose steps look at nothing costs no query.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from worker.versions import Version, VersionCache
from zipped import ids
from zipped.catalog import Catalog, OpenConnection
from zipped.crypto import CannotOpen, SecretBox
from zipped.engine.outcome import Failed
from zipped.lines import Lines
from zipped.logs import get_logger
from zipped.services import run_loading
from zipped.services.rows import seal_name
from zipped.services.run_loading import SealedConnection, StoredAttempt, StoredEvent
from zipped.services.run_writes import Claimed
from zipped.services.trigger_scope import read_trigger

LARGE_BODY = 256 * 1024  # bytes of a body that is parsed in a thread: a million keys take most of a second

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A claimed run and all it needs to go on."""

    claimed: Claimed
    version: Version
    #: None when no step looks at it.
    trigger: dict[str, Any] | None = field(default=None, repr=False)
    zip_name: str = ""
    #: What finished steps returned, by step id; only what is looked at.
    outputs: dict[str, Any] = field(default_factory=dict, repr=False)
    #: Earlier attempts of the step that is next.
    attempts: Sequence[StoredAttempt] = ()
    #: By the id that steps give; a Failed says why one can't be opened.
    connections: dict[str, OpenConnection | Failed] = field(default_factory=dict, repr=False)


class Loader:
    """Loads claimed runs."""

    def __init__(self, lines: Lines, *, catalog: Catalog, secret_box: SecretBox) -> None:
        self._lines = lines
        self._catalog = catalog
        self._box = secret_box
        self._versions = VersionCache()

    async def load(self, claims: Sequence[Claimed]) -> list[Loaded]:
        """Everything for these runs; one whose version this release can't read is left out."""
        plain = [self._plain(claimed) for claimed in claims]
        if all(plain):
            return [loaded for loaded in plain if loaded is not None]
        async with self._lines.begin() as session:
            versions = await self._versions.get(session, {claimed.version_id for claimed in claims})
            ready = [(one, versions[one.version_id]) for one in claims if one.version_id in versions]
            heard = {one.event_id for one, version in ready if version.uses_trigger}
            events = await run_loading.events(session, heard) if heard else {}
            named = {one.zip_id for one, version in ready if version.uses_zip_name}
            names = await run_loading.zip_names(session, named) if named else {}
            again = {one.run.id: place for one, version in ready if not one.fresh and (place := _place(one, version))}
            wanted = _wanted(version for one, version in ready if one.run.id in again)
            outputs = await run_loading.outputs(session, again, step_ids=wanted) if wanted != set() else {}
            attempts = await run_loading.attempts(session, list(again.items())) if again else {}
            used = {(one.workspace_id, con) for one, version in ready for con in version.connections.values()}
            sealed = await run_loading.connections(session, used) if used else {}
        opened = {key: self._open(one) for key, one in sealed.items()}
        return [
            Loaded(
                claimed=one,
                version=version,
                trigger=await _trigger(events.get(one.event_id)) if version.uses_trigger else None,
                zip_name=names.get(one.zip_id, ""),
                outputs={
                    step_id: orjson.loads(output)
                    for step_id, output in outputs.get(one.run.id, {}).items()
                    if version.keeps(step_id)
                },
                attempts=attempts.get(one.run.id, ()),
                connections={
                    name: opened[key]
                    for name, con in version.connections.items()
                    if (key := (one.workspace_id, con)) in opened
                },
            )
            for one, version in ready
        ]

    def _plain(self, claimed: Claimed) -> Loaded | None:
        version = self._versions.known(claimed.version_id) if claimed.fresh else None
        if version is None or version.uses_trigger or version.uses_zip_name or version.connections:
            return None
        return Loaded(claimed=claimed, version=version)

    def _open(self, sealed: SealedConnection) -> OpenConnection | Failed:
        kind = self._catalog.connection_kind(sealed.kind)
        if kind is None:
            return Failed("connection_unknown", f"There are no connections of the kind {sealed.kind} here any more.")
        try:
            secrets = orjson.loads(self._box.open(sealed.sealed, aad=seal_name(sealed.workspace_id, sealed.id)))
        except (CannotOpen, orjson.JSONDecodeError):
            return Failed(
                "connection_sealed", "The connection can't be opened with this ZIPPED_SECRET_KEY; save it anew."
            )
        return kind.open({**sealed.public, **secrets}, id=ids.encode("con", sealed.id), hosts=sealed.hosts)


def _wanted(versions: Iterable[Version]) -> set[str] | None:
    """The steps whose outputs any of these look at; None: all."""
    wanted: set[str] = set()
    for version in versions:
        if version.outputs is None:
            return None
        wanted |= version.outputs
    return wanted


def _place(claimed: Claimed, version: Version) -> str | None:
    """The id of the step that is next."""
    index, steps = claimed.run.cursor[0].index, version.definition.steps
    return steps[index].id if index < len(steps) else None


async def _trigger(event: StoredEvent | None) -> dict[str, Any]:
    if event is None:
        event = StoredEvent(method="", query=b"", headers=b"[]", body=b"")
    if len(event.body) > LARGE_BODY:
        return await asyncio.to_thread(_read, event)
    return _read(event)


def _read(event: StoredEvent) -> dict[str, Any]:
    return read_trigger(method=event.method, query=event.query, headers=event.headers, body=event.body)
