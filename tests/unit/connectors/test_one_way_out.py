"""There is one way out: nobody else opens sockets to where an author says."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

#: Modules that can reach other machines by themselves, and where they may be used.
WAYS_OUT = {
    "aiohttp": {"zipped/http"},
    "requests": set(),
    "httpx": set(),
    "urllib3": set(),
    "urllib.request": set(),
    "http.client": set(),
    "smtplib": set(),
    "imaplib": set(),
    "ftplib": set(),
    "aiosmtplib": {"connectors/email"},  # over a socket that the guard opened, see _session.py
}

#: Tools of the operator, who calls what is theirs.
OPERATOR = {"zipped/commands", "zipped/embedded"}


def _imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("way", WAYS_OUT)
def test_only_the_guarded_client_goes_outside(way: str) -> None:
    offenders = {
        file.relative_to(ROOT).as_posix()
        for part in ("connectors", "worker", "relay", "zipped", "api")
        for file in (ROOT / part).rglob("*.py")
        if any(name == way or name.startswith(f"{way}.") for name in _imports(file))
    }
    assert {file for file in offenders if file.rpartition("/")[0] not in WAYS_OUT[way] | OPERATOR} == set()


def test_a_mail_server_is_never_dialled_by_the_library_itself() -> None:
    calls = [
        {keyword.arg for keyword in node.keywords}
        for file in (ROOT / "connectors").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("aiosmtplib.SMTP")
    ]
    assert len(calls) == 1
    assert "sock" in calls[0]
