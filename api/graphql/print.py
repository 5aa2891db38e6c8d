"""`python -m api.graphql.print`: write the schema to schema.graphql; with --check only say whether it is up to date."""

import sys
from pathlib import Path

from api.graphql.schema import build

FILE = Path(__file__).resolve().parents[2] / "schema.graphql"


def main(arguments: list[str]) -> int:
    """0, or with --check 1 when the committed file is stale."""
    told = build().as_str()
    if "--check" not in arguments:
        FILE.write_text(told, encoding="utf-8")
        return 0
    if FILE.exists() and FILE.read_text(encoding="utf-8") == told:
        return 0
    sys.stderr.write("schema.graphql is stale: run `make schema` and commit what it writes.\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
