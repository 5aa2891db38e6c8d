"""What every answer of the door carries."""

from tests.fixtures.serving import Said


def check_headers(said: Said) -> None:
    """What every answer under /hooks carries, so that no browser runs any of it."""
    assert said.headers["content-security-policy"] == "sandbox"
    assert said.headers["x-content-type-options"] == "nosniff"
    assert said.headers["cache-control"] == "no-store"
    assert "set-cookie" not in said.headers
