"""Settings: a bad value is one line that names the variable."""

from pathlib import Path

import pytest

from zipped.errors import SettingsError
from zipped.settings import Settings

GOOD = {
    "ZIPPED_DATABASE_URL": "postgresql://zipped:secret@db/zipped",
    "ZIPPED_KAFKA_BOOTSTRAP_SERVERS": "kafka:9092",
    "ZIPPED_SECRET_KEY": "ab" * 32,
}


def test_defaults() -> None:
    settings = Settings.from_environ(GOOD)
    assert settings.database_url == "postgresql+asyncpg://zipped:secret@db/zipped"
    assert settings.kafka_address() == "kafka:9092"
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert settings.signup == "closed"
    assert not settings.cookies_secure
    assert settings.fetch_max_wait_ms == 500
    assert (settings.database_disk, settings.disk_reserve) == (None, 512 << 20)
    assert "secret_key" not in repr(settings)


def test_the_embedded_brokers_address_is_read_anew_each_time(tmp_path: Path) -> None:
    file = tmp_path / "broker"
    environ = {**GOOD, "ZIPPED_KAFKA_BOOTSTRAP_SERVERS": "", "ZIPPED_BROKER_FILE": str(file)}
    settings = Settings.from_environ(environ)
    with pytest.raises(SettingsError):
        settings.kafka_address()
    file.write_text("127.0.0.1:1111\n")
    assert settings.kafka_address() == "127.0.0.1:1111"
    file.write_text("127.0.0.1:2222\n")
    assert settings.kafka_address() == "127.0.0.1:2222"
    assert settings.fetch_max_wait_ms == 20


@pytest.mark.parametrize(
    "address",
    ["zipped:p#s/w?d@db/zipped", "zipped@/zipped?host=%2Frun%2Fpostgresql", "zipped:secret@[::1]:5433/zipped"],
)
def test_an_address_of_a_database_is_taken_as_it_is(address: str) -> None:
    settings = Settings.from_environ({**GOOD, "ZIPPED_DATABASE_URL": f"postgres://{address}"})
    assert settings.database_url == f"postgresql+asyncpg://{address}"


def test_values_are_read() -> None:
    settings = Settings.from_environ(
        {
            **GOOD,
            "ZIPPED_PUBLIC_URL": "https://zipped.example.com/",
            "ZIPPED_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
            "ZIPPED_OUTBOUND_ALLOW": "127.0.0.1:9000,[::1]:9001,Intranet:80",
            "ZIPPED_SIGNUP": "open",
            "ZIPPED_DATABASE_DISK": "/var/lib/postgresql",
            "ZIPPED_DISK_RESERVE": "2GiB",
            "ZIPPED_SMTP_URL": "smtp://ada:pass@mail:2525?security=none&from=zipped@example.com",
        }
    )
    assert settings.public_url == "https://zipped.example.com"
    assert settings.cookies_secure
    assert [str(network) for network in settings.trusted_proxies] == ["10.0.0.0/8", "::1/128"]
    assert settings.outbound_allow == {("127.0.0.1", 9000), ("::1", 9001), ("intranet", 80)}
    assert settings.signup == "open"
    assert (str(settings.database_disk), settings.disk_reserve) == ("/var/lib/postgresql", 2 << 30)
    assert settings.smtp_url == "smtp://ada:pass@mail:2525?security=none&from=zipped@example.com"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ZIPPED_DATABASE_URL", ""),
        ("ZIPPED_DATABASE_URL", "mysql://x/y"),
        ("ZIPPED_DATABASE_URL", "postgresql://zipped@db:port/zipped"),
        ("ZIPPED_DATABASE_URL", "postgresql://zipped@[::1/zipped"),
        ("ZIPPED_KAFKA_BOOTSTRAP_SERVERS", ""),
        ("ZIPPED_KAFKA_BOOTSTRAP_SERVERS", "kafka"),
        ("ZIPPED_KAFKA_BOOTSTRAP_SERVERS", ","),
        ("ZIPPED_SECRET_KEY", ""),
        ("ZIPPED_SECRET_KEY", "ab"),
        ("ZIPPED_SECRET_KEY", "zz" * 32),
        ("ZIPPED_PORT", "0"),
        ("ZIPPED_PORT", "65536"),
        ("ZIPPED_PORT", "²"),
        ("ZIPPED_PUBLIC_URL", "example.com"),
        ("ZIPPED_PUBLIC_URL", "https://example.com/zipped"),
        ("ZIPPED_PUBLIC_URL", "https://example.com:port"),
        ("ZIPPED_PUBLIC_URL", "https://[example.com"),
        ("ZIPPED_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("ZIPPED_OUTBOUND_ALLOW", "127.0.0.1"),
        ("ZIPPED_SIGNUP", "maybe"),
        ("ZIPPED_DISK_RESERVE", "-1"),
        ("ZIPPED_DISK_RESERVE", "half"),
        ("ZIPPED_DISK_RESERVE", "1.5GiB"),
        ("ZIPPED_DISK_RESERVE", "10%"),
        ("ZIPPED_SMTP_URL", "http://mail"),
        ("ZIPPED_SMTP_URL", "smtp://mail:99999"),
        ("ZIPPED_SMTP_URL", "smtp://mail?security=ssl"),
        ("ZIPPED_SMTP_URL", "smtp://mail?secure=none"),
        ("ZIPPED_SMTP_URL", "smtps://mail?security=none"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ({**GOOD, name: value})
    assert name in caught.value.message
    assert "\n" not in caught.value.message
