"""Versions of zips, parsed once: a version never changes, so what its steps need is worked out when it is first met."""

from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from zipped import ids
from zipped.engine import template
from zipped.engine.definition import Definition, DefinitionError, Step, parse
from zipped.errors import InvalidId
from zipped.lines import Statements
from zipped.logs import get_logger
from zipped.services import run_loading
from zipped.services.trigger_scope import PARTS

KEPT = 256  # versions in memory; the one not used for longest goes first
KEPT_BYTES = 4 * 1024 * 1024  # of their texts; parsed it is several times that

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Needs:
    """What the expressions of steps look at, so that nothing else is loaded or kept."""

    #: Of the trigger: method, headers, query, body, raw; empty: nothing of it.
    trigger: frozenset[str]
    zip_name: bool
    #: Ids of the steps whose outputs are looked at; None: any.
    outputs: frozenset[str] | None

    @property
    def body(self) -> bool:
        """Whether what was sent is looked at, as a value or as text."""
        return "body" in self.trigger or "raw" in self.trigger


@dataclass(frozen=True, slots=True)
class Version:
    """A definition and what its steps need."""

    definition: Definition
    #: Of all steps together.
    needs: Needs
    #: By the id that its steps give.
    connections: dict[str, UUID]

    def keeps(self, step_id: str) -> bool:
        """Whether a later step may look at this one's output."""
        return self.needs.outputs is None or step_id in self.needs.outputs


def read_version(document: object) -> Version:
    """The version that a stored definition describes. Raises DefinitionError."""
    definition = parse(document)
    connections: dict[str, UUID] = {}
    for step in definition.steps:
        if step.connection_id is not None:
            try:
                connections[step.connection_id] = ids.decode(step.connection_id, "con")
            except InvalidId:
                continue  # the step will say that there is no such connection
    return Version(definition, needs_of(definition.steps), connections)


def needs_of(steps: Iterable[Step]) -> Needs:
    """What these steps look at."""
    zip_name = everything = False
    trigger: set[str] = set()
    outputs: set[str] = set()
    for step in steps:
        for reference in template.references(dict(step.input)):
            root, *parts = (str(part) for part in reference.path)
            zip_name |= root == "zip"
            if root == "trigger":
                trigger |= set(parts[:1]) or PARTS
            if root == "steps":
                everything |= not parts
                outputs.update(parts[:1])
    return Needs(frozenset(trigger), zip_name, None if everything else frozenset(outputs))


class VersionCache:
    """The versions met last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[UUID, Version] = OrderedDict()
        self._sizes: dict[UUID, int] = {}
        self._bytes = 0

    async def get(self, statements: Statements, version_ids: Collection[UUID]) -> dict[UUID, Version]:
        """Versions by id; one that does not exist or can't be read by this release is left out, and logged."""
        found: dict[UUID, Version] = {}
        missing: list[UUID] = []
        for version_id in version_ids:
            version = self._kept.get(version_id)
            if version is None:
                missing.append(version_id)
            else:
                self._kept.move_to_end(version_id)
                found[version_id] = version
        if missing:
            for version_id, stored in (await run_loading.definitions(statements, missing)).items():
                try:
                    found[version_id] = version = read_version(stored.document)
                except DefinitionError as error:
                    first = error.problems[0]
                    place = {"path": list(first.path), "code": first.code}
                    log.error("version.unreadable", version_id=ids.encode("ver", version_id), **place)
                else:
                    self._keep(version_id, version, stored.size)
        return found

    def known(self, version_id: UUID) -> Version | None:
        """The version if it is in memory."""
        return self._kept.get(version_id)

    def _keep(self, version_id: UUID, version: Version, size: int) -> None:
        self._bytes += size - self._sizes.get(version_id, 0)
        self._kept[version_id] = version
        self._sizes[version_id] = size
        while len(self._kept) > KEPT or self._bytes > KEPT_BYTES:
            oldest, _ = self._kept.popitem(last=False)
            self._bytes -= self._sizes.pop(oldest)
