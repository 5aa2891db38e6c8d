"""Whose address a request has, behind none, one or several proxies."""

from ipaddress import ip_network

import pytest

from api.peer import limit_key, source_ip

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


def seen(peer: str, *forwarded: str) -> str:
    return source_ip(peer, [(b"x-forwarded-for", line.encode("latin-1")) for line in forwarded], trusted=TRUSTED)


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        # no proxy of ours: what it says about itself counts for nothing
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        # one proxy of ours
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        # the client put something in front
        ("10.0.0.1", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["6.6.6.6", "198.51.100.1"], "198.51.100.1"),
        # two proxies of ours
        ("10.0.0.1", ["6.6.6.6, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", ["10.9.9.9, 10.0.0.2"], "10.9.9.9"),
        # how proxies write it
        ("10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("10.0.0.1", ["[2001:db8::1]:4711"], "2001:db8::1"),
        ("10.0.0.1", ["2001:DB8:0::1"], "2001:db8::1"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("fd00::1", ["::ffff:198.51.100.1"], "198.51.100.1"),
        # rubbish ends the walk where it stands
        ("10.0.0.1", ["198.51.100.1, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["\xff"], "10.0.0.1"),
        ("10.0.0.1", [", ,"], "10.0.0.1"),
        ("10.0.0.1", ["6.6.6.6, " + ", ".join(["10.0.0.2"] * 40)], "10.0.0.2"),
        # a Unix socket
        ("", ["198.51.100.1"], ""),
    ],
)
def test_the_right_most_entry_that_a_trusted_proxy_wrote(peer: str, forwarded: list[str], expected: str) -> None:
    assert seen(peer, *forwarded) == expected


def test_without_trusted_proxies_the_header_means_nothing() -> None:
    assert source_ip("10.0.0.1", [(b"x-forwarded-for", b"6.6.6.6")], trusted=()) == "10.0.0.1"


@pytest.mark.parametrize(
    ("ip", "key"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::"),
        ("", ""),
    ],
)
def test_an_ipv6_client_is_counted_by_its_network(ip: str, key: str) -> None:
    assert limit_key(ip) == key
