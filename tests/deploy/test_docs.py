"""The pages are alive: links, commands, settings, tests and files in them exist, and no setting is left out."""

import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

import pytest

import connectors
from zipped import metrics
from zipped.catalog import validate_resolved
from zipped.cli import command_line
from zipped.models import Base

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(
    (ROOT / "docs").rglob("*.md")
)
CODE = ("api", "bench", "connectors", "deploy", "relay", "tests/chaos", "tests/fixtures", "worker", "zipped", "alembic")

LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
MAKE = re.compile(r"(?:`|^(?:    )?|\$ )make ([a-z-]+)", re.MULTILINE)
ZIPPED = re.compile(r"(?:`|^(?:    )?|/bin/)zipped ([a-z-]+)", re.MULTILINE)
VARIABLE = re.compile(r"\bZIPPED_[A-Z]+(?:_[A-Z]+)*\b")
FILE = re.compile(
    r"`((?:api|connectors|deploy|relay|tests|worker|web|zipped)/[\w./-]+\.\w+|[\w-]+\.(?:toml|yml|graphql))`"
)
TEST = re.compile(r"`(test_\w+)`")
METRIC = re.compile(r"^\| `(zipped_\w+)", re.MULTILINE)


def each_page() -> list[object]:
    return [pytest.param(page, id=page.relative_to(ROOT).as_posix()) for page in PAGES]


def anchors(page: Path) -> set[str]:
    """The anchors that a Markdown viewer gives the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text()), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", each_page())
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    broken = []
    for target in LINK.findall(FENCE.sub("", page.read_text())):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = unquote(target).partition("#")
        found = (page.parent / path).resolve() if path else page
        if not found.exists() or (anchor and anchor not in anchors(found)):
            broken.append(target)

    assert broken == []


@pytest.mark.parametrize("page", each_page())
def test_every_command_exists(page: Path) -> None:
    text = page.read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    commands = set(re.findall(r"[a-z-]+", command_line().format_help().partition("COMMAND\n")[2]))

    assert set(MAKE.findall(text)) - targets == set()
    assert set(ZIPPED.findall(text)) - commands == set()


def test_every_setting_of_the_pages_is_read_and_every_one_that_is_read_has_its_place() -> None:
    written = {name for page in [*PAGES, ROOT / ".env.example"] for name in VARIABLE.findall(page.read_text())}
    sources = [path for folder in CODE for path in (ROOT / folder).rglob("*.py")]
    sources += [ROOT / "Makefile", ROOT / "docker-compose.yml", ROOT / "Dockerfile", ROOT / "web/next.config.ts"]
    read = {name for path in sources for name in VARIABLE.findall(path.read_text())}

    assert written - read == set()
    assert read - written == set()


@pytest.mark.parametrize("page", each_page())
def test_every_file_and_test_that_is_named_exists(page: Path) -> None:
    text = page.read_text()
    tests = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        if "node_modules" not in path.parts
        for name in re.findall(r"def (test_\w+)", path.read_text())
    }

    # what the page itself tells the reader to make
    made = {"connectors/data/largest.py"} if page.name == "CONTRIBUTING.md" else set()
    assert {name for name in FILE.findall(text) if not (ROOT / name).exists()} - made == set()
    assert set(TEST.findall(text)) - tests == set()


def test_the_page_for_operators_has_every_metric_and_no_other() -> None:
    text = (ROOT / "docs/operations.md").read_text()
    known = set(re.findall(r"^# TYPE (\w+)", metrics.render().decode(), flags=re.MULTILINE))
    known = {name for name in known if not name.endswith("_created")}

    assert set(METRIC.findall(text)) == known


def test_the_page_on_the_code_names_every_table() -> None:
    text = (ROOT / "docs/architecture.md").read_text()

    assert [name for name in Base.metadata.tables if f"`{name}`" not in text] == []


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The action that CONTRIBUTING.md shows, in a package laid out like `connectors`."""
    shown = re.findall(r"^```python\n(.*?)^```", (ROOT / "CONTRIBUTING.md").read_text(), flags=re.MULTILINE | re.DOTALL)
    folder = tmp_path / "shown_connectors" / "extra"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("")
    (folder / "__init__.py").write_text(
        'from zipped.catalog import App\nAPP = App(key="extra", title="Extra", description="Shown.", icon="plus")\n'
    )
    assert len(shown) == 1
    (folder / "largest.py").write_text(shown[0].replace('app="data"', 'app="extra"'))
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("shown_connectors")
    for name in [name for name in sys.modules if name.split(".")[0] == "shown_connectors"]:
        del sys.modules[name]


async def test_the_action_of_the_page_is_one(package: ModuleType) -> None:
    action = connectors.load([package]).action("extra", "largest")

    assert action is not None
    context: object = None  # it looks at nothing but its input
    found = await action.run(context, {"numbers": [4, 42, 7]})  # type: ignore[arg-type]
    assert found.output == action.sample  # type: ignore[union-attr]
    assert (await action.run(context, {"numbers": []})).code == "empty"  # type: ignore[arg-type, union-attr]
    assert validate_resolved(action, {"numbers": [1, 2.5]}) is None
    assert validate_resolved(action, {"numbers": ["four"]}) is not None


def test_the_programs_of_the_readme_can_be_read(tmp_path: Path) -> None:
    programs = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(), flags=re.MULTILINE | re.DOTALL)

    assert len(programs) >= 5
    for number, program in enumerate(programs):
        path = tmp_path / f"{number}.sh"
        path.write_text(program)
        done = subprocess.run(["sh", "-n", str(path)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), program


def test_every_decision_is_in_the_list_under_a_number_of_its_own() -> None:
    folder = ROOT / "docs/adr"
    decisions = {path.name: path.read_text().splitlines()[0] for path in folder.glob("[0-9]*.md")}
    listed = re.findall(r"^\| \[(\d+)\]\((\S+)\) \| (.+) \|$", (folder / "README.md").read_text(), flags=re.MULTILINE)

    assert {name: f"# {number}. {title}" for number, name, title in listed} == decisions
    assert len({int(name[:4]) for name in decisions}) == len(decisions)
    assert [int(number) for number, _, _ in listed] == sorted(int(name[:4]) for name in decisions)
