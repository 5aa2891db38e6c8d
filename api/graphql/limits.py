"""What a document may ask for: one pass over it, every fragment weighed once.

The stock limiters walk a fragment anew at each spread: 731 bytes of fragments that spread each other twice blocked
the process for 5.8 s. Here a fragment's weight is remembered, so the work is linear in the document.

- depth: levels of fields, introspection aside (its own rule bounds that)
- aliases: written in the document, and again for each spread
- cost: one for each object the answer may hold, ten for a definition or the steps of a run; what is in a list counts
  `first` times, or 10 times where it has no `first`
- fields: with every fragment written out, and how often they meet under one name: graphql-core compares each pair
  of those (200 times `viewer { user { id name } }`, 4 KB, took it 400 ms)
- introspection: weighed on its own, a quarter more than the standard query is allowed
"""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    StringValueNode,
    ValidationContext,
    get_introspection_query,
    get_named_type,
    is_list_type,
    is_non_null_type,
    parse,
)

from api.graphql.pagination import DEFAULT_FIRST, MAX_FIRST
from api.graphql.scalars import unstorable

MAX_DEPTH = 10  # levels of fields
MAX_ALIASES = 30
MAX_TOKENS = 2_000
MAX_COST = 2_000  # objects
MAX_DIRECTIVES = 50
MAX_VARIABLES = 50
MAX_OPERATIONS = 10  # in one document
MAX_FIELDS = 1_000  # with fragments written out
MAX_PAIRS = 1_000  # of fields with the same place in the answer
PLAIN_LIST = 10  # rows that a list without `first` is taken to have
CONTENT_COST = 10  # objects that a definition (256 KiB, 50 to 100 ms to check) or the tries of a run (1,000) count for
CEILING = 10**9  # sums stop here, so that no number grows with the nesting

#: The fields behind which a whole definition, or as much, is read, by their type.
CONTENT = {
    ("Zip", "definition"),
    ("Zip", "problems"),
    ("Zip", "hasUnpublishedChanges"),
    ("Zip", "stepTests"),
    ("Version", "definition"),
    ("Run", "steps"),
    ("Query", "validateDefinition"),
}

#: How many rows the lists of introspection have, about.
INTROSPECTION_LISTS = {
    "types": 200,
    "fields": 10,
    "inputFields": 10,
    "args": 3,
    "enumValues": 10,
    "possibleTypes": 7,
    "interfaces": 2,
    "directives": 8,
    "locations": 3,
}


@dataclass(frozen=True, slots=True)
class Weight:
    """What a selection comes to."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    cost: int = 0
    introspection: int = 0

    def __add__(self, other: "Weight") -> "Weight":
        """Side by side."""
        return Weight(
            max(self.depth, other.depth),
            min(self.fields + other.fields, CEILING),
            min(self.aliases + other.aliases, CEILING),
            min(self.directives + other.directives, CEILING),
            min(self.cost + other.cost, CEILING),
            min(self.introspection + other.introspection, CEILING),
        )


class Scales:
    """Weighs one document. Raises RecursionError for one nested beyond measure, which graphql-core answers."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self.schema = schema
        self.fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        self._weighed: dict[str, Weight] = {}
        self._open: set[str] = set()
        self.circular = False

    def operation(self, node: OperationDefinitionNode) -> Weight:
        """The weight of an operation."""
        root = self.schema.get_root_type(node.operation)
        return self._selection(node.selection_set, root) + Weight(directives=len(node.directives or ()))

    def _selection(self, node: SelectionSetNode, parent: GraphQLNamedType | None) -> Weight:
        total = Weight()
        for selection in node.selections:
            total += Weight(directives=len(selection.directives or ()))
            if isinstance(selection, FieldNode):
                total += self._field(selection, parent)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                inner = self.schema.get_type(condition.name.value) if condition else parent
                total += self._selection(selection.selection_set, inner)
            elif isinstance(selection, FragmentSpreadNode):
                total += self._fragment(selection.name.value)
        return total

    def _fragment(self, name: str) -> Weight:
        node = self.fragments.get(name)
        if node is None:  # another rule names it
            return Weight()
        if name in self._open:
            self.circular = True  # likewise
            return Weight()
        if name not in self._weighed:
            self._open.add(name)
            condition = self.schema.get_type(node.type_condition.name.value)
            self._weighed[name] = self._selection(node.selection_set, condition)
            self._open.discard(name)
        return self._weighed[name]

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Weight:
        name = node.name.value
        own = Weight(fields=1, aliases=1 if node.alias else 0)
        if name.startswith("__") or (parent is not None and parent.name.startswith("__")):
            inner = self._selection(node.selection_set, self._meta(name, parent)) if node.selection_set else Weight()
            rows = INTROSPECTION_LISTS.get(name, 1)
            heavy = min(rows * (1 + inner.introspection), CEILING)
            return own + replace(inner, depth=0, cost=0, introspection=heavy)
        field = getattr(parent, "fields", {}).get(name)
        content = CONTENT_COST if parent is not None and (parent.name, name) in CONTENT else 0
        if node.selection_set is None:
            return own + Weight(depth=1, cost=content)
        target = get_named_type(field.type) if field else None
        inner = self._selection(node.selection_set, target)
        rows = _rows(node, field, parent)
        cost = min(1 + content + rows * inner.cost, CEILING)
        return own + replace(inner, depth=inner.depth + 1, cost=cost)

    def pairs(self, node: OperationDefinitionNode) -> int:
        """How many pairs of fields meet under one name. Writes fragments out: only for what MAX_FIELDS has passed."""
        met: Counter[tuple[str, ...]] = Counter()
        stack: list[tuple[SelectionSetNode, tuple[str, ...]]] = [(node.selection_set, ())]
        while stack:
            selection_set, path = stack.pop()
            for selection in selection_set.selections:
                if isinstance(selection, FieldNode):
                    place = (*path, (selection.alias or selection.name).value)
                    met[place] += 1
                    if selection.selection_set:
                        stack.append((selection.selection_set, place))
                elif isinstance(selection, InlineFragmentNode):
                    stack.append((selection.selection_set, path))
                elif isinstance(selection, FragmentSpreadNode):
                    fragment = self.fragments.get(selection.name.value)
                    if fragment is not None:
                        stack.append((fragment.selection_set, path))
        return sum(times * (times - 1) // 2 for times in met.values())

    def _meta(self, name: str, parent: GraphQLNamedType | None) -> GraphQLNamedType | None:
        if name == "__schema":
            return self.schema.get_type("__Schema")
        if name == "__type":
            return self.schema.get_type("__Type")
        field = getattr(parent, "fields", {}).get(name)
        return get_named_type(field.type) if field else None


def rule(schema: GraphQLSchema) -> type[ASTValidationRule]:
    """The rule for documents of this schema; made once, for it weighs the standard introspection query."""
    standard = parse(get_introspection_query(input_value_deprecation=True))
    operation = next(node for node in standard.definitions if isinstance(node, OperationDefinitionNode))
    max_introspection = Scales(schema, standard).operation(operation).introspection * 5 // 4

    class Limits(ASTValidationRule):
        """What each operation comes to, and texts that can't be stored."""

        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)
            self.scales = Scales(schema, context.document)

        def enter_operation_definition(self, node: OperationDefinitionNode, *_args: Any) -> None:
            weight = self.scales.operation(node)
            writable = weight.fields <= MAX_FIELDS and not self.scales.circular
            for name, found, most in (
                ("depth", weight.depth, MAX_DEPTH),
                ("number of variables", len(node.variable_definitions or ()), MAX_VARIABLES),
                ("number of fields", weight.fields, MAX_FIELDS),
                ("number of fields that meet", self.scales.pairs(node) if writable else 0, MAX_PAIRS),
                ("number of aliases", weight.aliases, MAX_ALIASES),
                ("number of directives", weight.directives, MAX_DIRECTIVES),
                ("cost", weight.cost, MAX_COST),
                ("cost of introspection", weight.introspection, max_introspection),
            ):
                if found > most:
                    shown = str(found) if found < CEILING else "beyond measure"
                    self.report_error(
                        GraphQLError(
                            f"The operation's {name} is {shown}; the limit is {most}. Ask for less at once.",
                            [node],
                            extensions={"code": "TOO_EXPENSIVE"},
                        )
                    )

        def enter_string_value(self, node: StringValueNode, *_args: Any) -> None:
            if found := unstorable(node.value):
                self.report_error(GraphQLError(f"A text in the document holds {found}: remove it.", [node]))

    return Limits


def _rows(node: FieldNode, field: GraphQLField | None, parent: GraphQLNamedType | None) -> int:
    if field is None:
        return 1
    if "first" in field.args:
        for argument in node.arguments or ():
            if argument.name.value == "first":
                # What a variable will hold is not known here, for the verdict is remembered by the text alone.
                value = argument.value
                return min(int(value.value), MAX_FIRST) if isinstance(value, IntValueNode) else MAX_FIRST
        return DEFAULT_FIRST
    # The rows of a connection were counted at the connection.
    if _is_list(field) and "pageInfo" not in getattr(parent, "fields", {}):
        return PLAIN_LIST
    return 1


def _is_list(field: GraphQLField) -> bool:
    return is_list_type(field.type.of_type) if is_non_null_type(field.type) else is_list_type(field.type)
