"""The installation's own connections, from its environment, for steps that name none."""

from urllib.parse import parse_qs, unquote, urlsplit

from zipped.catalog import Catalog, OpenConnection


def instance_connections(catalog: Catalog, *, smtp_url: str | None) -> dict[str, OpenConnection]:
    """By kind. `smtp_url` is `ZIPPED_SMTP_URL`: smtp://user:password@host:port, or smtps:// for TLS from the start.

    smtp:// means STARTTLS; `?security=none` turns encryption off, `?from=zipped@example.com` names the sender. What
    the operator named may be an address that authors may not call.
    """
    kind = catalog.connection_kind("smtp")
    if smtp_url is None or kind is None:
        return {}
    parts = urlsplit(smtp_url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    security = "tls" if parts.scheme == "smtps" else options.get("security", "starttls")
    fields = {
        "host": parts.hostname or "",
        "port": parts.port,
        "security": security,
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "from": options.get("from", ""),
    }
    return {"smtp": kind.open(fields, id="ZIPPED_SMTP_URL", trusted=True)}
