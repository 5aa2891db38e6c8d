"""The catalogue: what a step can do. An app or an action more changes no type here."""

from typing import Self

import strawberry

from api.graphql.scalars import JSON
from api.graphql.types.step_attempt import Effect
from zipped import catalog


@strawberry.type(description="One thing a step can do.")
class Action:
    """As its connector declares it."""

    app: str = strawberry.field(description="The key of its app.")
    key: str = strawberry.field(description="Its own key, unique within its app.")
    title: str = strawberry.field(description="Its name for people.")
    description: str = strawberry.field(description="What it does.")
    input: JSON = strawberry.field(description="JSON Schema of its input, with hints for forms under x-zipped.")
    output: JSON = strawberry.field(description="JSON Schema of its output.")
    sample: JSON | None = strawberry.field(description="An example of its output.")
    effect: Effect = strawberry.field(description="The most it can do outside, whatever its input.")
    connection_kinds: list[str] = strawberry.field(description="Keys of the connection kinds it can use.")
    is_connection_required: bool = strawberry.field(description="Whether it needs one.")
    timeout_seconds: float = strawberry.field(description="How long a try may take unless the step says otherwise.")
    may_suspend: bool = strawberry.field(description="Whether it can let its run wait.")

    @classmethod
    def of(cls, action: catalog.Action) -> Self:
        """As the schema shows it."""
        return cls(
            app=action.app,
            key=action.key,
            title=action.title,
            description=action.description,
            input=JSON(action.input),
            output=JSON(action.output),
            sample=None if action.sample is None else JSON(action.sample),
            effect=Effect(action.worst_effect.value),
            connection_kinds=list(action.connection_kinds),
            is_connection_required=action.connection_required,
            timeout_seconds=action.timeout,
            may_suspend=action.may_suspend,
        )


@strawberry.type(description="One way to start a zip.")
class TriggerKind:
    """As its connector declares it."""

    key: str = strawberry.field(description="Its key, unique over all apps.")
    title: str = strawberry.field(description="Its name for people.")
    description: str = strawberry.field(description="When it starts a run.")
    settings: JSON = strawberry.field(description="JSON Schema of its settings.")
    sample: JSON | None = strawberry.field(description="An example of what expressions find under `trigger`.")

    @classmethod
    def of(cls, kind: catalog.TriggerKind) -> Self:
        """As the schema shows it."""
        return cls(
            key=kind.key,
            title=kind.title,
            description=kind.description,
            settings=JSON(kind.settings),
            sample=None if kind.sample is None else JSON(kind.sample),
        )


@strawberry.type(description="One kind of credential.")
class ConnectionKind:
    """As its connector declares it."""

    key: str = strawberry.field(description="Its key, unique over all apps.")
    title: str = strawberry.field(description="Its name for people.")
    description: str = strawberry.field(description="What it is for.")
    fields: JSON = strawberry.field(description="JSON Schema of its fields; x-zipped.secret marks the secret ones.")
    binds_hosts: bool = strawberry.field(description="Whether its owner names the hosts that may be sent the secret.")
    is_testable: bool = strawberry.field(description="Whether it can be tried.")

    @classmethod
    def of(cls, kind: catalog.ConnectionKind) -> Self:
        """As the schema shows it."""
        return cls(
            key=kind.key,
            title=kind.title,
            description=kind.description,
            fields=JSON(kind.fields),
            binds_hosts=kind.binds_hosts,
            is_testable=kind.test is not None,
        )


@strawberry.type(description="What belongs together under one name and icon.")
class App:
    """A folder of connectors."""

    key: str = strawberry.field(description="Its key.")
    title: str = strawberry.field(description="Its name for people.")
    description: str = strawberry.field(description="What it is for.")
    icon: str = strawberry.field(description="The name of a lucide icon.")
    actions: list[Action] = strawberry.field(description="What steps can do with it.")
    triggers: list[TriggerKind] = strawberry.field(description="How it can start a zip.")
    connection_kinds: list[ConnectionKind] = strawberry.field(description="The credentials it knows.")

    @classmethod
    def of(cls, app: catalog.App) -> Self:
        """As the schema shows it."""
        return cls(
            key=app.key,
            title=app.title,
            description=app.description,
            icon=app.icon,
            actions=[Action.of(action) for action in app.actions],
            triggers=[TriggerKind.of(kind) for kind in app.triggers],
            connection_kinds=[ConnectionKind.of(kind) for kind in app.connection_kinds],
        )
