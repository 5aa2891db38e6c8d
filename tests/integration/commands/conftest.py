"""The `zipped` command beside a test's own database and broker."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from zipped.settings import Settings

RunZipped = Callable[..., Awaitable["subprocess.CompletedProcess[str]"]]
TIMEOUT = 60.0  # seconds


@pytest.fixture
def run_zipped(settings: Settings, tmp_path: Path) -> RunZipped:
    """`await run_zipped("doctor")`: what it printed and how it ended; `environ` overrides what it is told."""
    told = {
        "ZIPPED_DATABASE_URL": settings.database_url,
        "ZIPPED_KAFKA_BOOTSTRAP_SERVERS": settings.kafka_address(),
        "ZIPPED_SECRET_KEY": settings.secret_key.hex(),
    }
    others = {name: value for name, value in os.environ.items() if not name.startswith("ZIPPED_")}

    async def run(*words: str, environ: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
        return await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "zipped.cli", "--data", str(tmp_path), *words],
            env={**others, **told, **(environ or {})},
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )

    return run
