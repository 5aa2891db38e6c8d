"""Whether what a step's expressions refer to will be there when the step runs."""

from collections.abc import Iterator, Mapping, Set

from zipped.engine import template
from zipped.engine.expression import Part, path_text
from zipped.engine.near import nearest
from zipped.engine.outcome import Json
from zipped.engine.problem import Problem


def problems(
    input: Mapping[str, Json], path: tuple[str, ...], *, before: Set[str], steps: Set[str]
) -> Iterator[Problem]:
    """What can't be read in the input at `path`, and what refers to nothing.

    `before` are the ids of the steps that are done by then, `steps` those of all.
    """
    for error in template.problems(input):
        message = f"The expression can't be read at character {error.position + 1}: {error.message}"
        yield Problem(
            path=(*path, *error.path),
            code="expression_syntax",
            message=message if message.endswith("?") else f"{message}.",
            fix="Write it as {{ path | filter }}, and plain braces as \\{{.",
        )
    for reference in template.references(input):
        if wrong := _wrong(reference.path, before, steps):
            message, fix = wrong
            yield Problem(path=(*path, *reference.location), code="unknown_reference", message=message, fix=fix)


def _wrong(path: tuple[Part, ...], before: Set[str], steps: Set[str]) -> tuple[str, str] | None:
    """What is wrong with a path and how to put it right, or None."""
    told = path_text(path)
    root, *parts = path
    known = template.SCOPE.get(str(root))
    if known is None:
        return f'"{told}" begins with an unknown name.', f"Begin with one of: {', '.join(template.SCOPE)}."
    if not parts or parts[0] in known or parts[0] in (before if root == "steps" else ()):
        return None
    if root != "steps":
        choices = ", ".join(f"{root}.{name}" for name in sorted(known))
        return f'"{told}" refers to nothing.', f"Use one of: {choices}."
    if parts[0] in steps:
        return f'"{told}" refers to a step that is not done by then.', "Refer to an earlier step, or move that one up."
    near = nearest(str(parts[0]), before)
    fix = f'Did you mean "steps.{near}"?' if near else "Use the id of an earlier step."
    return f'"{told}" refers to a step that does not exist.', fix
