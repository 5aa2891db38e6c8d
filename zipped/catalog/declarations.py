"""The declarations: app, action, trigger kind, connection kind, and the catalogue that holds them.

Schemas are JSON Schema 2020-12 dictionaries. Besides the standard keywords a property may carry `x-zipped`, hints for
forms and checks: `widget` (text, textarea, number, switch, select, json, code, keyvalue, list, secret, datetime,
duration), `order` (number), `advanced` (behind a fold), `templates` (False: no expressions), `secret` (a literal is
refused in an input, sealed in a connection), `placeholder`, `help`.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from zipped.catalog.context import ActionContext, OpenConnection, Outside
from zipped.engine.outcome import Outcome

Schema = dict[str, Any]


class Effect(StrEnum):
    """What running an action twice means."""

    #: Touches nothing outside.
    PURE = "pure"
    #: Looks at something outside and leaves it as it was.
    READ = "read"
    #: Changes something outside; its intent is stored before the call.
    WRITE = "write"


EffectOf = Callable[[Mapping[str, Any]], Effect]
#: What an action leaves for later because it has much to look through: called in a thread, one at a time in a process.
Later = Callable[[], Outcome]
Run = Callable[[ActionContext, Mapping[str, Any]], Awaitable[Outcome | Later]]

#: Bytes of an answer or output that are looked through in the loop. 1 MiB of JSON takes up to 400 ms and 40 MB; 64 such
#: answers at once held a worker's loop for so long that it was declared dead.
LARGE: Final = 64 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionTest:
    """What trying a connection showed."""

    ok: bool
    message: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Action:
    """One thing a step can do: a declaration and one function."""

    app: str
    key: str
    title: str
    description: str
    input: Schema
    output: Schema
    #: An example of the output, for forms that map it before the step has ever run.
    sample: Any
    #: A function of the rendered input where the same action may read or write.
    effect: Effect | EffectOf
    run: Run
    #: Keys of the connection kinds it can use; empty: none.
    connection_kinds: tuple[str, ...] = ()
    connection_required: bool = False
    #: Seconds an attempt may take unless the step says otherwise.
    timeout: float = 30.0
    #: Whether it can answer Delayed and be woken up again.
    may_suspend: bool = False

    def effect_of(self, input: Mapping[str, Any]) -> Effect:
        """What this input does outside."""
        return self.effect(input) if callable(self.effect) else self.effect

    @property
    def worst_effect(self) -> Effect:
        """The most it can do with any input."""
        return Effect.WRITE if callable(self.effect) else self.effect


@dataclass(frozen=True, kw_only=True, eq=False)
class TriggerKind:
    """One way to start a zip."""

    app: str
    key: str
    title: str
    description: str
    settings: Schema
    #: An example of what expressions find under `trigger`.
    sample: Any


@dataclass(frozen=True, kw_only=True, eq=False)
class ConnectionKind:
    """One kind of credential: its fields, which of them are secret, and how to try it."""

    app: str
    key: str
    title: str
    description: str
    fields: Schema
    #: Whether its owner must name the hosts that may be sent the secret.
    binds_hosts: bool = True
    test: Callable[[Outside, OpenConnection], Awaitable[ConnectionTest]] | None = None
    #: What it adds to an HTTP request; None for what isn't spoken over HTTP.
    headers: Callable[[Mapping[str, Any]], Mapping[str, str]] | None = None

    @property
    def secret_fields(self) -> frozenset[str]:
        """Names of the fields that are sealed and never shown."""
        properties: dict[str, Schema] = self.fields.get("properties", {})
        return frozenset(name for name, schema in properties.items() if schema.get("x-zipped", {}).get("secret"))

    def open(
        self, fields: Mapping[str, Any], *, id: str, hosts: Iterable[str] = (), trusted: bool = False
    ) -> OpenConnection:
        """A connection of this kind, ready for use, from its public and secret fields together."""
        headers = dict(self.headers(fields)) if self.headers else {}
        secrets = [str(fields[name]) for name in sorted(self.secret_fields) if fields.get(name)]
        for value in headers.values():
            secrets += [value, value.rpartition(" ")[2]]  # "Basic dXNl…": the part after the scheme alone is enough
        return OpenConnection(
            id=id,
            kind=self.key,
            fields=dict(fields),
            headers=headers,
            secrets=tuple(dict.fromkeys(secrets)),
            hosts=tuple(hosts),
            trusted=trusted,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class App:
    """What belongs together under one name and icon."""

    key: str
    title: str
    description: str
    #: A lucide icon name.
    icon: str
    actions: tuple[Action, ...] = ()
    triggers: tuple[TriggerKind, ...] = ()
    connection_kinds: tuple[ConnectionKind, ...] = ()


class Catalog:
    """All apps by key; built once per process by `connectors.load()`."""

    def __init__(self, apps: Iterable[App]) -> None:
        """Raises ValueError when two declarations claim the same key."""
        self._apps: dict[str, App] = {}
        self._actions: dict[tuple[str, str], Action] = {}
        self._triggers: dict[str, TriggerKind] = {}
        self._kinds: dict[str, ConnectionKind] = {}
        for app in apps:
            _claim(self._apps, app.key, app, "app")
            for action in app.actions:
                _claim(self._actions, (action.app, action.key), action, "action")
            for trigger in app.triggers:
                _claim(self._triggers, trigger.key, trigger, "trigger kind")
            for kind in app.connection_kinds:
                _claim(self._kinds, kind.key, kind, "connection kind")

    def __iter__(self) -> Iterator[App]:
        return iter(self._apps.values())

    def app(self, key: str) -> App | None:
        """The app by its key."""
        return self._apps.get(key)

    def action(self, app: str, key: str) -> Action | None:
        """The action by its app's key and its own."""
        return self._actions.get((app, key))

    def trigger(self, key: str) -> TriggerKind | None:
        """The trigger kind by its key, unique over all apps."""
        return self._triggers.get(key)

    def connection_kind(self, key: str) -> ConnectionKind | None:
        """The connection kind by its key, unique over all apps."""
        return self._kinds.get(key)


def _claim(table: dict[Any, Any], key: object, value: object, what: str) -> None:
    if key in table:
        raise ValueError(f"Two declarations of the {what} {key!r}.")
    table[key] = value
