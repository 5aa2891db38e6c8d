"""The sender: posts deliveries as a careful provider does, and keeps a list of what was acknowledged."""

import asyncio
import random
from dataclasses import dataclass, field

import aiohttp
import orjson

TRY_AGAIN = 0.3  # seconds between two tries of one delivery
ANSWER_TIMEOUT = 5.0  # seconds
TWICE = 10  # every tenth delivery is sent twice
IN_FLIGHT = 200
ACCEPTED = (200, 202)
REFUSED_FOR_NOW = (429, 503)


@dataclass
class Delivery:
    """One event of the sender's, and every answer it got."""

    number: int
    zip: str
    #: Run ids of all 2xx answers; one and the same, or the promise is broken.
    run_ids: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Its Idempotency-Key."""
        return f"delivery-{self.number}"


@dataclass
class Sender:
    """Sends at a fixed rate to any of the apis, and again until it is acknowledged."""

    #: Address of each api.
    apis: list[str]
    #: Hook path by zip.
    hooks: dict[str, str]
    dice: random.Random
    deliveries: list[Delivery] = field(default_factory=list)
    tries: int = 0
    #: Statuses that the contract of the door does not know.
    strange: list[tuple[str, int]] = field(default_factory=list)

    async def run(self, *, rate: float, until: asyncio.Event, at_least: int, give_up: float) -> None:
        """Send `rate` deliveries a second until `until` is set and `at_least` were begun; then wait for all answers.

        With IN_FLIGHT deliveries unanswered no new one is begun. Raises TimeoutError when some are not acknowledged
        `give_up` seconds after the last was begun.
        """
        loop = asyncio.get_running_loop()
        slots = asyncio.Semaphore(IN_FLIGHT)
        names = list(self.hooks)
        due = loop.time()
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_TIMEOUT)) as http,
            asyncio.timeout(None) as deadline,
            asyncio.TaskGroup() as group,
        ):
            while not until.is_set() or len(self.deliveries) < at_least:
                await slots.acquire()
                delivery = Delivery(len(self.deliveries), names[len(self.deliveries) % len(names)])
                self.deliveries.append(delivery)
                group.create_task(self._deliver(http, slots, delivery))
                due = max(due + 1 / rate, loop.time() - 1.0)
                await asyncio.sleep(max(0.0, due - loop.time()))
            deadline.reschedule(loop.time() + give_up)

    async def _deliver(self, http: aiohttp.ClientSession, slots: asyncio.Semaphore, delivery: Delivery) -> None:
        try:
            for _ in range(2 if delivery.number % TWICE == 0 else 1):
                await self._until_acknowledged(http, delivery)
        finally:
            slots.release()

    async def _until_acknowledged(self, http: aiohttp.ClientSession, delivery: Delivery) -> None:
        while True:
            url = self.dice.choice(self.apis) + self.hooks[delivery.zip]
            self.tries += 1
            try:
                async with http.post(
                    url, json={"n": delivery.number}, headers={"Idempotency-Key": delivery.key}
                ) as answer:
                    body = await answer.read()
                    if answer.status in ACCEPTED:
                        delivery.run_ids.append(orjson.loads(body)["runId"])
                        return
                    if answer.status not in REFUSED_FOR_NOW:
                        self.strange.append((delivery.key, answer.status))
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass  # killed before the answer: whether it was stored is what the key finds out
            await asyncio.sleep(TRY_AGAIN * (0.5 + self.dice.random()))
