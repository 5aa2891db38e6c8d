"""A disk with too little room: refused before PostgreSQL fails, and open again by itself."""

import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from api.hooks.disk import Disk
from api.hooks.store import Store
from tests.api.hooks.ledger import counts
from tests.fixtures.bell import SilentBell
from tests.fixtures.hooks import MakeHook, delivery
from tests.fixtures.serving import Serving
from tests.fixtures.waiting import until
from zipped.clock import ManualClock, SystemClock
from zipped.db import Database
from zipped.errors import SettingsError, Unavailable
from zipped.lines import Lines

StartServer = Callable[..., Awaitable[Serving]]
MIB = 1 << 20


async def test_past_the_mark_webhooks_are_refused_and_nothing_is_written(
    start_server: StartServer, make_hook: MakeHook, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: more is to be kept than the whole disk has
    monkeypatch.setattr("api.hooks.disk.LOOK", 0.01)
    server = await start_server(database_disk=tmp_path, disk_reserve=shutil.disk_usage(tmp_path).total + 1)
    hook = await make_hook()

    # when
    said = [await server.post(hook.path, body, idempotency_key="k") for body in (b"{}", b"{broken", b"x" * 600_000)]

    # then
    for one in said:
        assert one.status == 503
        assert 1 <= int(one.headers["retry-after"]) <= 5
        assert one.json() == {
            "error": {
                "code": "unavailable",
                "message": "The database's disk is nearly full; nothing was stored; try again later.",
            }
        }
    assert (await server.post("/hooks/unknown")).status == 404
    assert (await server.send("GET", hook.path)).status == 405
    assert (await server.send("GET", "/readyz")).status == 200
    assert await counts(database) == (0, 0, 0, 0)

    # when there is room
    server.api._door._disk._reserve = 1

    async def accepted() -> bool:
        return (await server.post(hook.path, idempotency_key="k")).status == 202

    # then
    await until(accepted)
    assert await counts(database) == (1, 1, 1, 1)


async def test_the_door_opens_again_with_a_tenth_more(tmp_path: Path) -> None:
    # given
    seen: list[int] = []
    disk = Disk(tmp_path, reserve=100 * MIB, clock=SystemClock(), free=lambda _: seen[-1] * MIB)

    def has_room() -> bool:
        try:
            disk.require_room()
        except Unavailable:
            return False
        return True

    # then
    for free, expected in ((100, True), (99, False), (100, False), (109, False), (110, True), (100, True)):
        seen.append(free)
        await disk.look()
        assert has_room() is expected, seen


async def test_a_folder_that_is_not_there_stops_the_start(start_server: StartServer, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^ZIPPED_DATABASE_DISK: .*/gone can't be looked at: No such file"):
        await start_server(database_disk=tmp_path / "gone")


async def test_a_folder_that_goes_away_later_changes_nothing(
    start_server: StartServer, make_hook: MakeHook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    monkeypatch.setattr("api.hooks.disk.LOOK", 0.01)
    folder = tmp_path / "data"
    folder.mkdir()
    server, hook = await start_server(database_disk=folder, disk_reserve=1), await make_hook()
    looked = 0

    def gone(_: Path) -> int:
        nonlocal looked
        looked += 1
        return shutil.disk_usage(folder).free

    # when
    folder.rmdir()
    server.api._door._disk._free = gone

    async def looked_twice() -> bool:
        return looked >= 2

    # then
    await until(looked_twice)
    assert (await server.post(hook.path)).status == 202


async def test_a_database_that_says_it_is_full_is_not_asked_again_at_once(
    database: Database, lines: Lines, make_hook: MakeHook, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    hook, clock = await make_hook(), ManualClock(SystemClock().now())
    disk = Disk(None, reserve=0, clock=clock)
    store = Store(lines, bell=SilentBell(), disk=disk)

    async def full(*_: object) -> None:
        original = RuntimeError("could not extend file")
        original.sqlstate = "53100"  # type: ignore[attr-defined]
        raise DBAPIError("insert", {}, original)

    monkeypatch.setattr("api.hooks.store.accept", full)
    disk.require_room()

    # when
    with pytest.raises(Unavailable):
        await store.submit(delivery(hook, key=None), patience=2)

    # then
    with pytest.raises(Unavailable):
        disk.require_room()
    clock.advance(1.1)
    disk.require_room()
