"""The door: from a request's first byte to its answer.

The order is that of cost and of trust: who is meant, which method, how large, who sends, how often, is it what it
says it is; then it is stored, in a group with whatever else comes in that moment. What is decided about the zip is
decided by that transaction, not here. 202 is said after COMMIT and never before.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Final

from prometheus_client import Counter
from starlette.types import Receive, Scope, Send

from api import peer
from api.held import Held, Memory
from api.hooks import answers, body, headers
from api.hooks.answers import Answer
from api.hooks.disk import Disk
from api.hooks.headers import Headers, Named
from api.hooks.json_check import JsonCheck
from api.hooks.refused import Refused
from api.hooks.store import NotStorable, Store
from api.hooks.triggers import Triggers
from api.throttle import Buckets
from zipped import metrics
from zipped.clock import Clock
from zipped.crypto import SecretBox, hash_token
from zipped.db import Database
from zipped.errors import Unavailable, ZippedError
from zipped.faults import facts
from zipped.lines import Lines
from zipped.logs import get_logger
from zipped.services.accept import Delivery
from zipped.services.door_triggers import DoorTrigger
from zipped.services.outbox import Bell
from zipped.services.refusals import KEPT_BYTES, Outcome, Refusal
from zipped.settings import Network

PREFIX: Final = "/hooks/"
PATIENCE: Final = 2.6  # seconds the database may take for one request, all told; after that it counts as away
MISS_RATE: Final = 5.0  # unknown addresses a second that one client may try …
MISS_BURST: Final = 100.0  # … and at once
HASH_INLINE: Final = 256 << 10  # bytes; larger bodies are hashed in a thread

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """What arrived, before its body."""

    method: str
    query: bytes
    headers: Headers
    #: The first value of each header.
    named: Named
    source_ip: str


class _Answered(Exception):
    """The answer is known before the end."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


class Door:
    """An ASGI application for everything under /hooks/."""

    def __init__(
        self,
        database: Database,
        *,
        lines: Lines,
        box: SecretBox,
        bell: Bell,
        disk: Disk,
        clock: Clock,
        trusted_proxies: Sequence[Network] = (),
    ) -> None:
        self._clock = clock
        self._trusted = trusted_proxies
        self._random = Random()
        self._triggers = Triggers(database, box=box, clock=clock)
        self._disk = disk
        self._store = Store(lines, bell=bell, disk=disk)
        self._refused = Refused(database, clock=clock)
        self._json = JsonCheck()
        self._rates = Buckets()
        self._misses = Buckets()
        self._memory = Memory()
        #: Set while the process is about to stop: clients are told to open their next connection elsewhere.
        self.draining = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        client = scope.get("client")
        request = Request(
            method=scope["method"],
            query=scope["query_string"],
            headers=scope["headers"],
            named=headers.named(scope["headers"]),
            source_ip=peer.source_ip(client[0] if client else "", scope["headers"], trusted=self._trusted),
        )
        held = self._memory.hold()
        try:
            answer = await self._answer(scope["path"].removeprefix(PREFIX), request, receive, held)
        except body.ClientGone:
            return
        finally:
            held.release()
        await answers.send(send, answer, closing=self.draining)

    async def close(self) -> None:
        """Write everything that was taken in, then let go."""
        await self._store.drain()
        await self._refused.close()
        await self._triggers.close()
        await self._json.close()

    async def _answer(self, token: str, request: Request, receive: Receive, held: Held) -> Answer:
        try:
            return await self._take(token, request, receive, held)
        except _Answered as answered:
            return answered.answer
        except NotStorable:
            _count("malformed")
            return answers.not_storable()
        except Unavailable as error:
            _count("unavailable")
            return answers.unavailable(error.message, random=self._random)
        except body.ClientGone:
            raise
        except Exception as error:
            # Nothing was acknowledged, so trying again is right; and it is ours to look into.
            log.error("door.failed", method=request.method, **facts(error))
            _count("failed")
            return answers.unavailable("This could not be stored; try again.", random=self._random)

    async def _take(self, token: str, request: Request, receive: Receive, held: Held) -> Answer:
        started = self._clock.monotonic()
        trigger = self._triggers.known(token_hash := hash_token(token)) or await self._find(token_hash, request)
        spent = self._clock.monotonic() - started
        methods, limit = trigger.settings.methods, trigger.settings.max_body_bytes
        if request.method in ("HEAD", "OPTIONS"):
            return answers.looked_at(request.method, methods)
        if request.method not in methods:
            return answers.wrong_method(methods)
        self._disk.require_room()  # before anything else would be written, refusals too
        if (size := headers.content_length(request.named)) > limit:
            raise self._refuse(trigger, request, "too_large", b"", answers.too_large(limit), size=size)
        try:
            content = await body.read(receive, limit=limit, held=held)
        except body.TooLarge as error:
            raise self._refuse(trigger, request, "too_large", error.start, answers.too_large(limit)) from None
        started = self._clock.monotonic()
        delivery = await self._check(trigger, request, content)
        decision = await self._store.submit(delivery, patience=PATIENCE - spent)
        _count(decision.outcome)
        metrics.accept_seconds.observe(self._clock.monotonic() - started)
        return answers.decided(decision)

    async def _find(self, token_hash: bytes, request: Request) -> DoorTrigger:
        try:
            async with asyncio.timeout(PATIENCE):
                trigger = await self._triggers.find(token_hash)
        except TimeoutError as error:
            raise Unavailable("The database does not answer; nothing was stored; try again.") from error
        except Unavailable:
            raise
        except ZippedError as error:
            log.error("door.trigger_unreadable", error=error.message)
            raise Unavailable("This webhook can't be verified right now; nothing was stored; try again.") from error
        if trigger is not None:
            return trigger
        _count("unknown")
        client, now = peer.limit_key(request.source_ip), self._clock.monotonic()
        wait = self._misses.take(client, rate=MISS_RATE, burst=MISS_BURST, now=now)
        raise _Answered(answers.throttled(wait) if wait else answers.UNKNOWN)

    async def _check(self, trigger: DoorTrigger, request: Request, content: bytes) -> Delivery:
        settings = trigger.settings
        if headers.is_encoded(request.named):
            raise self._refuse(trigger, request, "malformed", content, answers.encoded())
        reason = trigger.verifier.refusal(request.headers, content, now=self._clock.now())
        if reason is not None:
            raise self._refuse(trigger, request, "bad_signature", content, answers.unsigned(), reason=reason)
        if (rate := settings.rate_per_second) is not None:
            now = self._clock.monotonic()
            if wait := self._rates.take(trigger.id, rate=rate, burst=settings.rate_burst, now=now):
                raise self._refuse(trigger, request, "throttled", content, answers.throttled(wait))
        if (depth := headers.depth(request.named)) > headers.MAX_DEPTH:
            raise self._refuse(trigger, request, "throttled", content, answers.looping(depth, headers.MAX_DEPTH))
        if headers.is_json(request.named) and (flaw := await self._json.find(content)):
            raise self._refuse(trigger, request, "malformed", content, answers.not_json(flaw))
        small = len(content) <= HASH_INLINE
        digest = hashlib.sha256(content) if small else await asyncio.to_thread(hashlib.sha256, content)
        return Delivery(
            trigger_id=trigger.id,
            token_hash=trigger.token_hash,
            method=request.method,
            query=request.query,
            headers=headers.kept(request.headers, trigger.verifier.hidden),
            body=content,
            body_sha256=digest.digest(),
            source_ip=request.source_ip,
            dedupe_key=headers.dedupe_key(request.named, settings.dedupe_headers),
            dedupe_window=settings.dedupe_window_seconds,
            depth=depth,
            traceparent=headers.traceparent(request.named),
        )

    def _refuse(
        self,
        trigger: DoorTrigger,
        request: Request,
        outcome: Outcome,
        content: bytes,
        answer: Answer,
        *,
        reason: str | None = None,
        size: int | None = None,
    ) -> _Answered:
        """Take a refusal down; its reason is the answer's message, unless the owner may know more than the sender."""
        _count(outcome)
        if not self._refused.has_room(trigger.id):
            self._refused.count(trigger.id, outcome)
            return _Answered(answer)
        self._refused.add(
            Refusal(
                trigger_id=trigger.id,
                outcome=outcome,
                reason=reason or answer.message,
                method=request.method,
                query=request.query,
                headers=headers.kept(request.headers, trigger.verifier.hidden),
                body=content[:KEPT_BYTES],
                body_size=min(len(content) if size is None else size, 2**31 - 1),
                source_ip=request.source_ip,
            )
        )
        return _Answered(answer)


@cache
def _counter(outcome: str) -> Counter:
    return metrics.events.labels(outcome)


def _count(outcome: str) -> None:
    _counter(outcome).inc()
