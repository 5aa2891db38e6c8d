import re
from uuid import UUID

from zipped.engine import path

ROOT = UUID("01999999-0000-7000-8000-000000000001")


def test_the_key_is_what_its_rule_says_and_never_changes_with_a_release() -> None:
    assert path.idempotency_key(ROOT, "call", path.TOP, 0) == "67HI4EGRJOB2ORJNBH2QGKYEBFAG3ZGN"


def test_the_key_depends_on_each_part_and_on_nothing_else() -> None:
    other = UUID("01999999-0000-7000-8000-000000000002")
    keys = [
        path.idempotency_key(ROOT, "call", "", 0),
        path.idempotency_key(other, "call", "", 0),
        path.idempotency_key(ROOT, "call2", "", 0),
        path.idempotency_key(ROOT, "call", "each[0]", 0),
        path.idempotency_key(ROOT, "call", "", 1),
    ]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[A-Z2-7]{32}", key) for key in keys)
    assert path.idempotency_key(ROOT, "call", "", 0) == keys[0]
