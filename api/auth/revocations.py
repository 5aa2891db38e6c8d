"""Who was signed out just now, told within this process at once; other processes notice at their next look."""

from collections.abc import Callable
from uuid import UUID

Listener = Callable[[], None]


class Revocations:
    """Sessions and API tokens that ended, and who wants to know."""

    def __init__(self) -> None:
        self._listeners: dict[UUID, set[Listener]] = {}

    def listen(self, id: UUID, listener: Listener) -> Callable[[], None]:
        """Call `listener` when the session or API token `id` is to be looked at again; the answer ends that."""
        self._listeners.setdefault(id, set()).add(listener)

        def stop() -> None:
            listeners = self._listeners.get(id)
            if listeners is not None:
                listeners.discard(listener)
                if not listeners:
                    del self._listeners[id]

        return stop

    def tell(self, id: UUID) -> None:
        """The session or API token has ended."""
        for listener in tuple(self._listeners.get(id, ())):
            listener()
