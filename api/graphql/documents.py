"""A document's way from text to ready: parsed, weighed, validated, and remembered when it is good.

What is good is kept by its text, so that a client's few queries are parsed and validated once (1,755 → 202 µs an
operation when tried). What is bad is not kept: it would push out what is good.
"""

from collections import OrderedDict
from dataclasses import dataclass

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from api.graphql import limits

KEPT = 100_000  # characters of text in all; parsed, a character takes up to 300 bytes
KEPT_LENGTH = 10_000  # characters; longer ones are checked anew each time
MAX_LENGTH = 100_000  # characters
MAX_COMMENTS = 500
MAX_ERRORS = 20  # that one answer lists


@dataclass(frozen=True, slots=True)
class Document:
    """A document that may be executed."""

    node: DocumentNode
    operations: dict[str | None, OperationDefinitionNode]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to execute. Raises GraphQLError when the name fits none, or more than one fits no name."""
        if name is not None:
            if name not in self.operations:
                raise GraphQLError(f"The document has no operation named “{name[:100]}”.")
            return self.operations[name]
        if len(self.operations) != 1:
            raise GraphQLError("The document has several operations: say which one in operationName.")
        return next(iter(self.operations.values()))


class Refused(Exception):
    """The document may not be executed."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


class Documents:
    """The checked documents of one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._limits: tuple[type[ASTValidationRule], ...] = (limits.rule(schema),)
        self._rules = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._kept_length = 0
        self.checked = 0  # documents parsed and validated, rather than remembered

    def check(self, text: str) -> Document:
        """The document of a text. Raises Refused with what is wrong."""
        kept = self._kept.get(text)
        if kept is not None:
            self._kept.move_to_end(text)
            return kept
        self.checked += 1
        document = self._check(text)
        if len(text) <= KEPT_LENGTH:
            self._kept[text] = document
            self._kept_length += len(text)
            while self._kept_length > KEPT:
                self._kept_length -= len(self._kept.popitem(last=False)[0])
        return document

    def _check(self, text: str) -> Document:
        try:
            node = parse(
                text,
                max_lexical_tokens=limits.MAX_TOKENS,
                max_comments=MAX_COMMENTS,
                max_source_length=MAX_LENGTH,
            )
        except GraphQLError as error:
            raise Refused([error]) from error
        found = [definition for definition in node.definitions if isinstance(definition, OperationDefinitionNode)]
        if len(found) > limits.MAX_OPERATIONS:
            message = f"The document has {len(found)} operations; the limit is {limits.MAX_OPERATIONS}."
            raise Refused([GraphQLError(message, extensions={"code": "TOO_EXPENSIVE"})])
        # The limits first and alone: what is beyond them is not worth the other rules' time.
        for rules in (self._limits, self._rules):
            if errors := validate(self._schema, node, rules, max_errors=MAX_ERRORS):
                raise Refused(errors)
        if not found:
            raise Refused([GraphQLError("The document has no operation.")])
        return Document(node, {one.name.value if one.name else None: one for one in found})


def is_mutation(operation: OperationDefinitionNode) -> bool:
    """Whether it changes something."""
    return operation.operation is OperationType.MUTATION


def is_subscription(operation: OperationDefinitionNode) -> bool:
    """Whether it streams."""
    return operation.operation is OperationType.SUBSCRIPTION
