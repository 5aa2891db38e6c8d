"""The schema, put together from what lies in the folders: no list to keep.

Each module of `queries/` brings module-level fields; each module of `mutations/` and `subscriptions/` brings one,
named as its file.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import strawberry
from graphql import (
    GraphQLError,
    build_client_schema,
    introspection_from_schema,
    lexicographic_sort_schema,
    print_schema,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import create_type
from strawberry.types.execution import ExecutionContext
from strawberry.types.field import StrawberryField

from api.graphql import mutations, queries, scalars, subscriptions, types
from api.graphql.documents import Documents
from api.graphql.errors import ToUserError


class Checked(SchemaExtension):
    """Hands a document to execution that has been parsed and validated before."""

    def on_parse(self) -> Iterator[None]:
        """Use the remembered document."""
        context = self.execution_context
        schema = context.schema
        assert isinstance(schema, Schema)
        context.graphql_document = schema.documents.check(context.query or "").node
        yield

    def on_validate(self) -> Iterator[None]:
        """It has been validated."""
        self.execution_context.pre_execution_errors = []
        yield


class Schema(strawberry.Schema):
    """Strawberry's schema with the documents it has checked."""

    def __init__(self, **parts: Any) -> None:
        super().__init__(
            **parts,
            extensions=[Checked],
            exception_handlers=[ToUserError()],
            # Not sort_schema: its copies of enums forget their Python classes and then serve no value of them.
            config=StrawberryConfig(scalar_map=scalars.definitions()),
        )
        self.documents = Documents(self._schema)

    def as_str(self) -> str:
        """The schema in its own language, sorted, as it is committed."""
        told = introspection_from_schema(self._schema, input_value_deprecation=True, one_of=True)
        return print_schema(lexicographic_sort_schema(build_client_schema(told))) + "\n"

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: what is to be logged is logged where errors are presented, once and with its id."""


def build() -> Schema:
    """The schema of this api."""
    for module in _modules(types):  # so that each type that `node` finds is known
        assert module
    return Schema(
        query=_root("Query", queries, "Everything that can be read."),
        mutation=_root("Mutation", mutations, "Everything that can be changed.", one_each=True),
        subscription=_root("Subscription", subscriptions, "Everything that can be watched.", one_each=True),
        types=[],
    )


def _root(name: str, package: ModuleType, description: str, *, one_each: bool = False) -> type | None:
    fields: list[StrawberryField] = []
    for module in _modules(package):
        file = module.__name__.rpartition(".")[2]
        found = [value for value in vars(module).values() if isinstance(value, StrawberryField)]
        if one_each and [field.python_name for field in found] != [file]:
            raise TypeError(f"{module.__name__} must hold exactly one field, named {file}.")
        fields += found
    return create_type(name, fields, description=description) if fields else None


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in sorted(pkgutil.iter_modules(package.__path__), key=lambda found: found.name):
        yield importlib.import_module(f"{package.__name__}.{found.name}")
