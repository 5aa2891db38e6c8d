"""Which addresses, names and ports may be dialled."""

from ipaddress import ip_address

import pytest

from zipped.http.addresses import is_host_name, is_http_port, is_mail_port, is_public, read_url

DENIED = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254",
    "168.63.129.16", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1",
    "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
    "::ffff:169.254.169.254", "::ffff:0:127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b::808:808", "64:ff9b:1::1", "100::1",
    "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "2001:10::1", "2002:7f00:1::",
    "2002:a9fe:a9fe::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "2606:4700::1%1",
    "fec0::1", "ff02::1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1", "198.17.0.1",
    "198.20.0.1", "223.255.255.254", "2606:4700:4700::1111", "2a00:1450:4001::1", "2001:4860:4860::8888",
]  # fmt: skip


@pytest.mark.parametrize("address", DENIED)
def test_what_is_not_plainly_public_is_denied(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_may_be_dialled(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("example.com", True), ("a", True), ("xn--bcher-kva.example", True), ("_dmarc.example.com", True),
        ("1.example.com", True), ("127.1", False), ("2130706433", False), ("0x7f.1", False), ("0x7f000001", False),
        ("127.0.0.0x1", False), ("0177.0.0.1", False), ("1.2.3.4.5", False), ("example.com1", True), ("", False),
        ("a..b", False), ("-a.com", False), ("a b", False), ("a%00b", False), ("fe80::1%eth0", False), ("ä.de", False),
        ("a" * 64 + ".com", False), (".".join(["a" * 60] * 5), False), ("[::1]", False), ("v1.x", True), ("*", False),
    ],
)  # fmt: skip
def test_a_name_is_told_from_an_odd_spelling_of_an_address(host: str, name: bool) -> None:
    assert is_host_name(host) is name


def test_ports_of_other_services_are_denied() -> None:
    assert [port for port in (80, 443, 1024, 3000, 8000, 8080, 8443, 9200, 65535) if not is_http_port(port)] == []
    denied = (-1, 0, 1, 22, 25, 53, 110, 143, 389, 445, 465, 587, 993, 1023, 2375, 3306, 5432, 6379, 9092, 11211, 65536)
    assert [port for port in denied if is_http_port(port)] == []
    assert [port for port in range(65536) if is_mail_port(port)] == [25, 465, 587, 2525]


@pytest.mark.parametrize("start", ["http://", "https://", "//", " HTTP://", "http:////"])
def test_a_host_longer_than_any_is_not_looked_at(start: str) -> None:
    # a character that stands for eighteen, which then are looked at one by one
    with pytest.raises(ValueError, match="its host has 301 characters"):
        read_url(start + "\ufdfa" * 301 + "/path")


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://b\u00fccher.example:8443/a?b=//" + "c" * 400, "xn--bcher-kva.example"),
        ("http://" + "a" * 63 + ".example/" + "//d" * 400, "a" * 63 + ".example"),
        ("/" + "path" * 200, None),
        ("?" + "query" * 200, None),
    ],
)
def test_only_the_host_has_that_bound(text: str, host: str | None) -> None:
    assert read_url(text).raw_host == host
