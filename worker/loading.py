"""From a claim to a run that can go on: what the steps ahead will look at, loaded for a whole batch at once.

A fresh run of a version in memory whose steps look at nothing costs no query. What is large is not loaded here, only
weighed: it is opened for one step at a time, by who has asked for room (`worker/room.py`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import orjson

from worker.room import LIGHT
from worker.versions import Needs, Version, VersionCache
from zipped.catalog import Catalog, OpenConnection
from zipped.crypto import SecretBox
from zipped.engine.outcome import Failed, Json
from zipped.errors import Conflict, Unavailable
from zipped.lines import Lines
from zipped.services import run_loading
from zipped.services.run_loading import SealedConnection, StoredAttempt, StoredEvent, StoredOutput
from zipped.services.run_writes import Claimed
from zipped.services.sealed_connections import opened
from zipped.services.trigger_scope import read_trigger

LARGE_BODY = 256 * 1024  # bytes of a body that is parsed in a thread: a million keys take most of a second
TRIES = 20  # of a load while the database is away
PAUSE = 0.5  # seconds between two of them

NO_EVENT = StoredEvent(method="", query=b"", headers=b"[]", body_size=0, body=b"")

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class Context:
    """What a run's expressions find, as values."""

    #: None when no step looks at it.
    trigger: dict[str, Any] | None = None
    #: What finished steps returned, by step id; only what is looked at.
    outputs: dict[str, Json] = field(default_factory=dict)
    #: What the first try of the step that is next was sent in this generation: later ones send the same.
    sent: Json = None
    #: Bytes of all of it as it is stored.
    weight: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A claimed run and what it needs to go on."""

    claimed: Claimed
    version: Version
    #: None: it is heavier than what may lie in memory; `Loader.open` has it for one step.
    context: Context | None = field(default_factory=Context, repr=False)
    zip_name: str = ""
    #: Earlier attempts of the step that is next.
    attempts: Sequence[StoredAttempt] = ()
    #: By the id that steps give; a Failed says why one can't be opened.
    connections: dict[str, OpenConnection | Failed] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class _Stored:
    """The parts of a context as they are stored; what is larger than was asked for has its size only."""

    event: StoredEvent | None
    outputs: Mapping[str, StoredOutput]
    first: StoredAttempt | None

    @property
    def weight(self) -> int:
        sent = self.first.input_size if self.first else None
        return (self.event.body_size if self.event else 0) + sum(o.size for o in self.outputs.values()) + (sent or 0)

    @property
    def light(self) -> bool:
        """Whether it is all there, and little."""
        return (
            self.weight <= LIGHT
            and (self.event is None or self.event.body is not None)
            and all(output.value is not None for output in self.outputs.values())
            and (self.first is None or self.first.input is not None)
        )


class Loader:
    """Loads claimed runs. While the database is away it tries for ten seconds, then raises Unavailable."""

    def __init__(self, lines: Lines, *, catalog: Catalog, secret_box: SecretBox) -> None:
        self._lines = lines
        self._catalog = catalog
        self._box = secret_box
        self._versions = VersionCache()

    async def load(self, claims: Sequence[Claimed]) -> list[Loaded]:
        """What these runs need; one whose version this release can't read is left out."""
        plain = [self._plain(claimed) for claimed in claims]
        if all(plain):
            return [loaded for loaded in plain if loaded is not None]
        return await _patiently(lambda: self._load(claims))

    async def weigh(self, claimed: Claimed, needs: Needs, step_id: str) -> int:
        """Bytes of the context that a step would be opened with."""
        return (await _patiently(lambda: self._read(claimed, needs, step_id, limit=0))).weight

    async def open(self, claimed: Claimed, needs: Needs, step_id: str) -> Context:
        """The context of one step, as it is stored now and however large."""
        stored = await _patiently(lambda: self._read(claimed, needs, step_id, limit=None))
        if stored.weight > LARGE_BODY:
            return await asyncio.to_thread(_parsed, stored, needs)
        return _parsed(stored, needs)

    async def _load(self, claims: Sequence[Claimed]) -> list[Loaded]:
        async with self._lines.begin() as line:
            versions = await self._versions.get(line, {claimed.version_id for claimed in claims})
            ready = [(one, versions[one.version_id]) for one in claims if one.version_id in versions]
            heard = {one.event_id for one, version in ready if version.needs.trigger}
            bodies = {one.event_id for one, version in ready if version.needs.body}
            events = await run_loading.events(line, heard, with_body=bodies, limit=LIGHT) if heard else {}
            named = {one.zip_id for one, version in ready if version.needs.zip_name}
            names = await run_loading.zip_names(line, named) if named else {}
            again = {one.run.id: place for one, version in ready if not one.fresh and (place := _place(one, version))}
            wanted = _wanted(version for one, version in ready if one.run.id in again)
            outputs = await run_loading.outputs(line, again, step_ids=wanted, limit=LIGHT) if wanted != set() else {}
            attempts = await run_loading.attempts(line, list(again.items()), limit=LIGHT) if again else {}
            used = {(one.workspace_id, con) for one, version in ready for con in version.connections.values()}
            sealed = await run_loading.connections(line, used) if used else {}
        usable = {key: self._open(one) for key, one in sealed.items()}
        return [
            Loaded(
                claimed=one,
                version=version,
                context=_parsed(stored, version.needs) if stored.light else None,
                zip_name=names.get(one.zip_id, ""),
                attempts=attempts.get(one.run.id, ()),
                connections={
                    name: usable[key]
                    for name, con in version.connections.items()
                    if (key := (one.workspace_id, con)) in usable
                },
            )
            for one, version in ready
            for stored in [
                _Stored(
                    events.get(one.event_id, NO_EVENT) if version.needs.trigger else None,
                    {k: v for k, v in outputs.get(one.run.id, {}).items() if version.keeps(k)},
                    _first(attempts.get(one.run.id, ()), one.run.generation),
                )
            ]
        ]

    async def _read(self, claimed: Claimed, needs: Needs, step_id: str, *, limit: int | None) -> _Stored:
        run_id, event_ids = claimed.run.id, [claimed.event_id]
        event = None
        outputs: dict[UUID, dict[str, StoredOutput]] = {}
        async with self._lines.begin() as line:
            if needs.trigger:
                bodies = event_ids if needs.body else []
                events = await run_loading.events(line, event_ids, with_body=bodies, limit=limit)
                event = events.get(claimed.event_id, NO_EVENT)
            if needs.outputs != frozenset():
                outputs = await run_loading.outputs(line, [run_id], step_ids=needs.outputs, limit=limit)
            attempts = await run_loading.attempts(line, [(run_id, step_id)], limit=limit)
        return _Stored(event, outputs.get(run_id, {}), _first(attempts.get(run_id, ()), claimed.run.generation))

    def _plain(self, claimed: Claimed) -> Loaded | None:
        version = self._versions.known(claimed.version_id) if claimed.fresh else None
        if version is None or version.needs.trigger or version.needs.zip_name or version.connections:
            return None
        return Loaded(claimed=claimed, version=version)

    def _open(self, sealed: SealedConnection) -> OpenConnection | Failed:
        if self._catalog.connection_kind(sealed.kind) is None:
            return Failed("connection_unknown", f"There are no connections of the kind {sealed.kind} here any more.")
        try:
            return opened(sealed, box=self._box, catalog=self._catalog)
        except Conflict:
            return Failed(
                "connection_sealed", "The connection can't be opened with this ZIPPED_SECRET_KEY; save it anew."
            )


async def _patiently(load: Callable[[], Awaitable[T]]) -> T:
    for _ in range(TRIES):
        try:
            return await load()
        except Unavailable:
            await asyncio.sleep(PAUSE)
    return await load()


def _wanted(versions: Iterable[Version]) -> set[str] | None:
    """The steps whose outputs any of these look at; None: all."""
    wanted: set[str] = set()
    for version in versions:
        if version.needs.outputs is None:
            return None
        wanted |= version.needs.outputs
    return wanted


def _place(claimed: Claimed, version: Version) -> str | None:
    """The id of the step that is next."""
    index, steps = claimed.run.cursor[0].index, version.definition.steps
    return steps[index].id if index < len(steps) else None


def _first(attempts: Sequence[StoredAttempt], generation: int) -> StoredAttempt | None:
    """The attempt whose input every later one of the generation sends again."""
    return next((one for one in attempts if one.generation == generation and one.input_size is not None), None)


def _parsed(stored: _Stored, needs: Needs) -> Context:
    event, first = stored.event, stored.first
    return Context(
        trigger=None
        if event is None
        else read_trigger(
            method=event.method, query=event.query, headers=event.headers, body=event.body or b"", parts=needs.trigger
        ),
        outputs={
            step_id: orjson.loads(output.value)
            for step_id, output in stored.outputs.items()
            if output.value is not None
        },
        sent=None if first is None or first.input is None else orjson.loads(first.input),
        weight=stored.weight,
    )
