"""What a change of the schema breaks for clients of the version before: what was deprecated there may go."""

from graphql import (
    REMOVE,
    BreakingChangeType,
    DocumentNode,
    Node,
    Visitor,
    VisitorAction,
    build_ast_schema,
    find_breaking_changes,
    parse,
    visit,
)


def breaking(before: str, after: str) -> list[str]:
    """Every change from one SDL to the next that breaks a client which used nothing deprecated."""
    document = visit(parse(before), _WithoutDeprecated())
    in_use = _in_use(document)
    return [
        change.description
        for change in find_breaking_changes(
            build_ast_schema(document, assume_valid=True), build_ast_schema(parse(after))
        )
        # What nothing leads to but what is deprecated may go with it.
        if change.type is not BreakingChangeType.TYPE_REMOVED or change.description.split()[0] in in_use
    ]


class _WithoutDeprecated(Visitor):
    def _enter(self, node: Node, *_: object) -> VisitorAction:
        deprecated = any(directive.name.value == "deprecated" for directive in getattr(node, "directives", None) or ())
        return REMOVE if deprecated else None

    enter_field_definition = enter_enum_value_definition = enter_input_value_definition = _enter


def _in_use(document: DocumentNode) -> set[str]:
    """The types that a client can come to."""
    named = {node.name.value: node for node in document.definitions if hasattr(node, "name")}
    members: dict[str, list[str]] = {}
    for node in named.values():
        for interface in getattr(node, "interfaces", None) or ():
            members.setdefault(interface.name.value, []).append(node.name.value)
    found: set[str] = set()
    waiting = [name for name in ("Query", "Mutation", "Subscription") if name in named]
    while waiting:
        name = waiting.pop()
        if name in found or name not in named:
            continue
        found.add(name)
        waiting += members.get(name, [])
        waiting += _mentioned(named[name])
    return found


def _mentioned(node: Node) -> list[str]:
    names: list[str] = []

    class Names(Visitor):
        def enter_named_type(self, named: Node, *_: object) -> None:
            names.append(named.name.value)  # type: ignore[attr-defined]  # a NamedTypeNode has one

    visit(node, Names())
    return names
