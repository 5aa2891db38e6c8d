"""Programs that others stand in for."""

from pathlib import Path


def stand_ins(tmp_path: Path, **scripts: str) -> Path:
    """A folder for the PATH that holds these shell scripts, by the name of the program."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return folder
