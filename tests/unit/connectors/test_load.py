"""Apps are found by walking: being there is enough."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import connectors
from zipped.catalog import Catalog

ACTION = """
from zipped.catalog import Action, Effect, Succeeded

async def run(context, input):
    return Succeeded(input)

ACTION = Action(
    app="extra", key="{key}", title="Echo", description="Gives back what it gets.",
    input={{"type": "object"}}, output={{"type": "object"}}, sample={{}}, effect=Effect.PURE, run=run,
)
"""
APP = 'from zipped.catalog import App\nAPP = App(key="extra", title="Extra", description="More.", icon="plus")\n'


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """An importable package laid out like `connectors`, with one app and nothing in it."""
    folder = tmp_path / "more_connectors" / "extra"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("")
    (folder / "__init__.py").write_text(APP)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("more_connectors")
    for name in [name for name in sys.modules if name.split(".")[0] == "more_connectors"]:
        del sys.modules[name]


def _keys(catalog: Catalog) -> set[str]:
    return {f"{action.app}.{action.key}" for app in catalog for action in app.actions}


def _write(package: ModuleType, name: str, text: str) -> None:
    (Path(package.__path__[0]) / "extra" / name).write_text(text)
    importlib.invalidate_caches()


def test_everything_that_lies_in_the_folders_is_found() -> None:
    catalog = connectors.load()
    assert _keys(catalog) == {
        "data.set_fields", "email.send", "flow.delay", "flow.filter", "flow.stop", "http.request",
    }  # fmt: skip
    assert {kind.key for app in catalog for kind in app.triggers} == {"webhook", "manual"}
    assert {kind.key for app in catalog for kind in app.connection_kinds} == {"basic", "bearer", "header", "smtp"}


def test_an_action_is_one_new_file(package: ModuleType) -> None:
    before = _keys(connectors.load([package]))
    _write(package, "echo.py", ACTION.format(key="echo"))
    assert _keys(connectors.load([package])) - before == {"extra.echo"}


def test_a_file_with_an_underscore_is_no_declaration(package: ModuleType) -> None:
    _write(package, "_shared.py", "raise RuntimeError")
    assert "extra" in {app.key for app in connectors.load([package])}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("echo.py", "x = 1", "must declare exactly one of ACTION, TRIGGER and CONNECTION"),
        ("echo.py", ACTION.format(key="other"), "declares the action 'other'; name the file after it"),
        ("echo.py", ACTION.format(key="echo").replace('"extra"', '"flow"'), "declares something of the app 'flow'"),
        ("__init__.py", "", "declares no APP"),
        ("__init__.py", APP.replace('"extra"', '"http"'), "Two declarations of the app 'http'"),
    ],
)
def test_a_wrong_file_is_said_at_the_start(package: ModuleType, name: str, text: str, told: str) -> None:
    _write(package, name, text)
    with pytest.raises(ValueError, match=told):
        connectors.load([package])
