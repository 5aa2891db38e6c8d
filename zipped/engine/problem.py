"""One thing that is wrong with an input, and how to put it right."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong, where, and what to do; several are reported at once."""

    #: The field, outermost name first: ("steps", "call", "input", "url"). Empty for the whole input.
    path: tuple[str, ...]
    #: Stable and for machines: "required", "unknown_reference", …
    code: str
    #: For people, one sentence.
    message: str
    #: What to do about it, one sentence; empty when the message says it already.
    fix: str = ""
