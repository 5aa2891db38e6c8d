"""Ports: whether one is free, and which one is."""

import argparse
import errno
import socket

from zipped.embedded import StartError

PORTS_TRIED = 20
LAST_PORT = 65535


def port_number(text: str) -> int:
    """A port that somebody typed, as an option of argparse. Raises ArgumentTypeError."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LAST_PORT:
        raise argparse.ArgumentTypeError(f"a port from 1 to {LAST_PORT}, not “{text}”")
    return int(text)


def require_free(host: str, port: int, *, purpose: str) -> None:
    """Raise StartError when nobody can listen on `host`:`port`. `purpose` says what to do about a port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free
        try:
            probe.bind((host, port))
        except OSError as error:
            if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                raise StartError(
                    f"{host} is no address of this machine ({error.strerror}); ZIPPED_HOST takes one, 0.0.0.0 is all"
                ) from None
            what = "is taken" if error.errno == errno.EADDRINUSE else "can't be used"
            raise StartError(f"Port {port} on {host} {what} ({error.strerror}); {purpose}") from None


def next_free(host: str, first: int) -> int:
    """The first port from `first` upward that nobody listens on, so that the usual one is used where it can be."""
    for port in range(first, min(first + PORTS_TRIED, LAST_PORT + 1)):
        try:
            require_free(host, port, purpose="")
        except StartError:
            continue
        return port
    return free_port(host)


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
