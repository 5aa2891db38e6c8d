"""Ports: whether one is free, and which one is."""

import socket

from zipped.embedded import StartError


def require_free(host: str, port: int, *, purpose: str) -> None:
    """Raise StartError when somebody listens on `host`:`port`. `purpose` says what it was wanted for."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StartError(f"Port {port} on {host} is taken ({error.strerror}); {purpose}") from None


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
