"""Reads the fields of a JSON object one by one and collects everything that is wrong with them."""

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from zipped.engine.near import nearest
from zipped.engine.outcome import Json
from zipped.engine.problem import Problem
from zipped.engine.values import kind_of

Choice = TypeVar("Choice", bound=str)


class Fields:
    """One object of a document. Every reading returns something usable; what was wrong is in `problems`."""

    def __init__(self, document: object, path: tuple[str, ...], problems: list[Problem]) -> None:
        self.path = path
        self.problems = problems
        self.values: Mapping[str, Json] = document if isinstance(document, dict) else {}
        if not isinstance(document, dict):
            self._wrong((), "wrong_type", f"It must be an object, not {kind_of(document)}.", "Write { … }.")

    def without(self, *names: str, message: str, fix: str) -> None:
        """None of these fields may be there."""
        for name in names:
            if name in self.values:
                self._wrong((name,), "not_supported", message, fix)

    def only(self, *known: str, hidden: Sequence[str] = ()) -> None:
        """Every other field is a problem, by its name; `hidden` ones are known too, but not offered."""
        for name in self.values:
            if name not in known and name not in hidden:
                near = nearest(name, known)
                self._wrong(
                    (name[:100],),
                    "unknown_field",
                    f'There is no field "{name[:100]}" here.',
                    f'Did you mean "{near}"?' if near else f"Use one of: {', '.join(known)}.",
                )

    def required_text(self, name: str, *, form: re.Pattern[str], told: str) -> str:
        """A text of a certain form; `told` says the form in words. Empty when it is wrong."""
        value = self.values.get(name)
        if value is None:
            self._wrong((name,), "required", f'"{name}" is missing.', f"It is {told}.")
        elif not isinstance(value, str):
            self._wrong((name,), "wrong_type", f'"{name}" must be text, not {kind_of(value)}.', f"It is {told}.")
        elif not form.fullmatch(value):
            self._wrong((name,), "wrong_form", f'"{name}" can\'t be "{value[:70]}".', f"It is {told}.")
        else:
            return value
        return ""

    def text(self, name: str, *, max_length: int) -> str:
        """A text; absent or null is empty."""
        value = self.values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._wrong((name,), "wrong_type", f'"{name}" must be text, not {kind_of(value)}.', "Put it in quotes.")
            return ""
        if len(value) > max_length:
            message = f'"{name}" has {len(value)} characters; at most {max_length} are allowed.'
            self._wrong((name,), "too_long", message, "Make it shorter.")
        return value

    def flag(self, name: str) -> bool:
        """True or false; absent or null is false."""
        value = self.values.get(name)
        if value is not None and not isinstance(value, bool):
            message = f'"{name}" must be true or false, not {kind_of(value)}.'
            self._wrong((name,), "wrong_type", message, "Write true or false, without quotes.")
        return value is True

    def choice(self, name: str, first: Choice, *others: Choice) -> Choice:
        """One of a few words; absent or null is the first one."""
        value = self.values.get(name)
        for word in (first, *others):
            if value == word:
                return word
        if value is not None:
            words = " or ".join(f'"{word}"' for word in (first, *others))
            self._wrong((name,), "not_a_choice", f'"{name}" must be {words}.', f"Write {words}.")
        return first

    def number(self, name: str, *, least: float, most: float, whole: bool = False) -> float | None:
        """A number within bounds; absent or null is None."""
        value = self.values.get(name)
        if value is None:
            return None
        kind = "a whole number" if whole else "a number"
        fits = isinstance(value, int) if whole else isinstance(value, int | float)
        fix = f"Write {kind} from {least:g} to {most:g}."
        if isinstance(value, bool) or not fits:
            self._wrong((name,), "wrong_type", f'"{name}" must be {kind}.', fix)
            return None
        if not least <= value <= most:
            self._wrong((name,), "out_of_range", f'"{name}" must be from {least:g} to {most:g}.', fix)
            return None
        return value  # type: ignore[no-any-return]

    def mapping(self, name: str) -> dict[str, Json]:
        """An object as it is; absent or null is an empty one."""
        value = self.values.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self._wrong((name,), "wrong_type", f'"{name}" must be an object, not {kind_of(value)}.', "Write { … }.")
            return {}
        return value

    def entries(self, name: str, *, max_items: int) -> list[Json]:
        """A list; it must be there."""
        value = self.values.get(name)
        if not isinstance(value, list):
            message = f'"{name}" is missing.' if value is None else f'"{name}" must be a list, not {kind_of(value)}.'
            code = "required" if value is None else "wrong_type"
            self._wrong((name,), code, message, "Write [ … ].")
            return []
        if len(value) > max_items:
            message = f'"{name}" has {len(value)} entries; at most {max_items} are allowed.'
            self._wrong((name,), "too_long", message, "Use fewer.")
        return value

    def fields(self, name: str) -> "Fields":
        """The fields of an object within this one; absent or null has none."""
        value = self.values.get(name)
        return Fields({} if value is None else value, (*self.path, name), self.problems)

    def _wrong(self, path: tuple[str, ...], code: str, message: str, fix: str) -> None:
        self.problems.append(Problem(path=(*self.path, *path), code=code, message=message, fix=fix))
