"""Versions of zips, parsed once: a version never changes, so what its steps need is worked out when it is first met."""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from zipped import ids
from zipped.engine import template
from zipped.engine.definition import Definition, DefinitionError, parse
from zipped.errors import InvalidId
from zipped.logs import get_logger
from zipped.services import run_loading

KEPT = 256  # versions in memory; the one not used for longest goes first

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Version:
    """A definition and what its expressions look at, so that nothing else is loaded or kept."""

    definition: Definition
    uses_trigger: bool
    uses_zip_name: bool
    #: Ids of the steps whose outputs are looked at; None: any.
    outputs: frozenset[str] | None
    #: By the id that its steps give.
    connections: dict[str, UUID]

    def keeps(self, step_id: str) -> bool:
        """Whether a later step may look at this one's output."""
        return self.outputs is None or step_id in self.outputs


def read_version(document: object) -> Version:
    """The version that a stored definition describes. Raises DefinitionError."""
    definition = parse(document)
    trigger = zip_name = everything = False
    outputs: set[str] = set()
    connections: dict[str, UUID] = {}
    for step in definition.steps:
        for reference in template.references(dict(step.input)):
            root, *parts = (str(part) for part in reference.path)
            trigger |= root == "trigger"
            zip_name |= root == "zip"
            if root == "steps":
                everything |= not parts
                outputs.update(parts[:1])
        if step.connection_id is not None:
            try:
                connections[step.connection_id] = ids.decode(step.connection_id, "con")
            except InvalidId:
                continue  # the step will say that there is no such connection
    return Version(definition, trigger, zip_name, None if everything else frozenset(outputs), connections)


class VersionCache:
    """The versions met last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[UUID, Version] = OrderedDict()

    async def get(self, session: AsyncSession, version_ids: Collection[UUID]) -> dict[UUID, Version]:
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
            for version_id, document in (await run_loading.definitions(session, missing)).items():
                try:
                    found[version_id] = self._kept[version_id] = read_version(document)
                except DefinitionError as error:
                    log.error("version.unreadable", version_id=ids.encode("ver", version_id), reason=str(error))
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found

    def known(self, version_id: UUID) -> Version | None:
        """The version if it is in memory."""
        return self._kept.get(version_id)
