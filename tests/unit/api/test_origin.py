"""Whose page a request comes from."""

import pytest

from api.auth.origin import Origins


@pytest.mark.parametrize(
    ("public_url", "origin", "host", "ours"),
    [
        ("https://zipped.example.com", "https://zipped.example.com", "zipped.example.com", True),
        ("https://zipped.example.com", "https://zipped.example.com", "behind-a-proxy", True),
        ("https://zipped.example.com", "http://zipped.example.com", "zipped.example.com", False),
        ("https://zipped.example.com", "https://zipped.example.com:8443", "zipped.example.com", False),
        ("https://zipped.example.com", "https://evil.zipped.example.com", "zipped.example.com", False),
        ("https://zipped.example.com", "https://zipped.example.com.evil.com", "zipped.example.com", False),
        ("https://zipped.example.com", "null", "zipped.example.com", False),
        ("https://zipped.example.com", "", "zipped.example.com", False),
        ("https://zipped.example.com", None, "zipped.example.com", False),
        ("https://zipped.example.com", "http://localhost", "localhost", False),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", "127.0.0.1:8000", True),
        # The same machine by its other names, if the request went to that very name.
        ("http://127.0.0.1:8000", "http://localhost:8000", "localhost:8000", True),
        ("http://127.0.0.1:8000", "http://localhost:8000", "127.0.0.1:8000", False),
        ("http://127.0.0.1:8000", "http://localhost:9000", "localhost:9000", False),
        ("http://localhost:8000", "http://[::1]:8000", "[::1]:8000", True),
        ("http://10.0.0.5:8000", "http://localhost:8000", "localhost:8000", False),
    ],
)
def test_only_the_exact_origin_is_ours(public_url: str, origin: str | None, host: str, ours: bool) -> None:
    assert Origins(public_url).is_ours(origin, host=host) is ours
