"""What a resolver gets: the process's parts, the caller, and the one way into a workspace."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from api.auth.caller import Caller, Level
from api.auth.gate import Gate
from api.graphql.trials import Trials
from api.watch.hub import Hub
from zipped.catalog import Catalog
from zipped.clock import Clock
from zipped.crypto import SecretBox
from zipped.db import Database
from zipped.errors import Forbidden, NotFound, Unauthenticated
from zipped.services import pages
from zipped.services.audit import Actor
from zipped.services.outbox import Bell
from zipped.settings import Settings

LoaderT = TypeVar("LoaderT")
RowT = TypeVar("RowT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """What one api process has for all its requests; made once in `api/parts.py`, and in tests."""

    settings: Settings
    database: Database
    catalog: Catalog
    secret_box: SecretBox
    clock: Clock
    bell: Bell
    #: Who is calling, and the ways in and out.
    gate: Gate
    #: The live updates of runs.
    hub: Hub
    #: What this process is trying.
    trials: Trials = field(default_factory=Trials)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Where a request came from."""

    ip: str
    user_agent: str
    #: Whether the request's Origin is the application's own.
    same_origin: bool
    #: The refresh token among its cookies.
    refresh_cookie: str | None = None


@dataclass(slots=True, kw_only=True)
class Context:
    """One operation's; over a WebSocket each operation has its own."""

    platform: Platform
    peer: Peer
    caller: Caller | None
    #: Set-Cookie values for the answer; None where there is no answer to set them on.
    cookies: list[str] | None = None
    #: Held while a thread works for this operation: one at a time, however many fields ask for it.
    thread: asyncio.Lock = field(default_factory=asyncio.Lock)
    _loaders: dict[Callable[..., Any], Any] = field(default_factory=dict)
    _shown: int = 0
    _listed: int = 0

    @property
    def settings(self) -> Settings:
        """The operator's settings."""
        return self.platform.settings

    @property
    def database(self) -> Database:
        """For what belongs to no workspace; everything else goes through `begin`."""
        return self.platform.database

    @property
    def catalog(self) -> Catalog:
        """The apps and their actions."""
        return self.platform.catalog

    @property
    def secret_box(self) -> SecretBox:
        """Seals and opens secrets."""
        return self.platform.secret_box

    @property
    def clock(self) -> Clock:
        """The time of this process."""
        return self.platform.clock

    @property
    def bell(self) -> Bell:
        """To ring after a commit that wrote outbox rows."""
        return self.platform.bell

    @property
    def signed_in(self) -> Caller:
        """The caller. Raises Unauthenticated when there is none."""
        if self.caller is None:
            raise Unauthenticated
        return self.caller

    def require_caller(self) -> None:
        """Raises Unauthenticated when there is none."""
        _ = self.signed_in

    @property
    def actor(self) -> Actor:
        """The caller, as the audit names them. Raises Unauthenticated."""
        caller = self.signed_in
        return Actor(user_id=caller.user_id, api_token_id=caller.api_token_id, ip=self.peer.ip)

    @asynccontextmanager
    async def begin(
        self, workspace_id: UUID, *, write: bool = False, need: Level | None = None
    ) -> AsyncIterator[AsyncSession]:
        """One transaction that sees this workspace alone, read-only unless `write`, committed at its end.

        `need` is the level asked for where it isn't the same as reading or writing. Raises Unauthenticated, NotFound
        for who isn't a member, Forbidden for whose role or token allows less.
        """
        self.require(workspace_id, need or ("write" if write else "read"))
        async with self.database.begin_as([workspace_id], read_only=not write) as session:
            yield session

    @asynccontextmanager
    async def begin_mine(self) -> AsyncIterator[AsyncSession]:
        """One read-only transaction that sees all the caller's workspaces: to find what an id belongs to.

        Raises Unauthenticated.
        """
        async with self.database.begin_as(self.signed_in.memberships, read_only=True) as session:
            yield session

    def require(self, workspace_id: UUID, need: Level) -> None:
        """Raises Unauthenticated, NotFound or Forbidden unless the caller may do this there."""
        caller = self.signed_in
        level = caller.level(workspace_id)
        if level is None:
            raise NotFound("There is no such workspace, or it isn't yours to see.")
        if not caller.may(need, workspace_id):
            what = "This API token" if caller.api_token_id else "Your role in this workspace"
            raise Forbidden(f"{what} allows {level}; this needs {need}.")

    def loader(self, make: Callable[["Context"], LoaderT]) -> LoaderT:
        """This operation's own instance of a loader, made at first use; `make` is its name as well."""
        if make not in self._loaders:
            self._loaders[make] = make(self)
        loader: LoaderT = self._loaders[make]
        return loader

    def forget_loaded(self) -> None:
        """After a change: what was loaded before may be stale. What the answer holds by now still counts."""
        self._loaders.clear()

    def begin_answer(self) -> None:
        """Before each event of a subscription, which is an answer of its own and loads everything anew."""
        self.forget_loaded()
        self._shown = self._listed = 0

    def show(self, size: int) -> None:
        """Count bytes of contents that go into the answer: what is loaded once is written under each alias anew.

        Raises ValidationFailed for more than 32 MiB in all.
        """
        self._shown += size
        pages.refuse_too_much(self._shown)

    def listed(self, rows: Sequence[RowT]) -> Sequence[RowT]:
        """The rows of a list that has no `first`, counted: nobody could tell beforehand how many there would be.

        Raises ValidationFailed for more than `pages.MAX_ROWS` in one answer, each alias anew.
        """
        self._listed += len(rows)
        pages.refuse_too_many(self._listed)
        return rows


Info = strawberry.Info[Context, None]
