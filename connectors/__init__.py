"""The apps. A folder is an app, a file in it one action, trigger kind or connection kind; being there is enough.

`connectors/<app>/__init__.py` holds `APP` (title, description, icon). Every other file that doesn't begin with an
underscore declares exactly one of `ACTION`, `TRIGGER` or `CONNECTION`; an action's file is named after its key.
"""

import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import replace
from types import ModuleType

from zipped.catalog import Action, App, Catalog, ConnectionKind, TriggerKind


def load(packages: Sequence[ModuleType] = ()) -> Catalog:
    """The catalogue of every app found, here and in `packages` laid out like this one.

    Raises ValueError for a file that declares nothing or the wrong thing: better at the start than at the first run.
    """
    here = importlib.import_module(__name__)
    return Catalog([app for package in (here, *packages) for app in _apps(package)])


def _apps(package: ModuleType) -> list[App]:
    found = []
    for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if info.ispkg:
            found.append(_app(importlib.import_module(info.name)))
    return found


def _app(folder: ModuleType) -> App:
    app = getattr(folder, "APP", None)
    if not isinstance(app, App):
        raise ValueError(f"{folder.__name__} declares no APP.")
    actions: list[Action] = []
    triggers: list[TriggerKind] = []
    kinds: list[ConnectionKind] = []
    for info in pkgutil.iter_modules(folder.__path__, f"{folder.__name__}."):
        name = info.name.rpartition(".")[2]
        if name.startswith("_"):
            continue
        declared = _declared(importlib.import_module(info.name))
        if declared.app != app.key:
            raise ValueError(f"{info.name} declares something of the app {declared.app!r}, not of {app.key!r}.")
        match declared:
            case Action():
                if declared.key != name:
                    raise ValueError(f"{info.name} declares the action {declared.key!r}; name the file after it.")
                actions.append(declared)
            case TriggerKind():
                triggers.append(declared)
            case ConnectionKind():
                kinds.append(declared)
    return replace(app, actions=tuple(actions), triggers=tuple(triggers), connection_kinds=tuple(kinds))


def _declared(module: ModuleType) -> Action | TriggerKind | ConnectionKind:
    found = [
        value
        for name, kind in (("ACTION", Action), ("TRIGGER", TriggerKind), ("CONNECTION", ConnectionKind))
        if isinstance(value := getattr(module, name, None), kind)
    ]
    if len(found) != 1:
        raise ValueError(f"{module.__name__} must declare exactly one of ACTION, TRIGGER and CONNECTION.")
    return found[0]
