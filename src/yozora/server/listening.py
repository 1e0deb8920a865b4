"""The listening sockets of a server. Knows no server."""

import ipaddress
import socket
from typing import Final

from yozora.errors import UserError

BACKLOG: Final = 2048


def listening(host: str, port: int) -> socket.socket:
    """A socket that is bound. Raises `UserError` where that cannot be."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(BACKLOG)  # who comes while the server starts waits, and is answered
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(
            f"Cannot listen on {host}:{port}: {reason}.", "Choose another --host or --port.", code="address_unavailable"
        ) from error
    return bound


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
