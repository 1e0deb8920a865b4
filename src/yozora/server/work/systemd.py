"""Signs of life for systemd (`Type=notify`, `WatchdogSec=`). Its protocol is one datagram: no package is needed."""

import os
import socket
from contextlib import suppress


def notify(state: str) -> None:
    """Tell the service manager something, such as "READY=1"; nothing happens where there is none (sd_notify(3))."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
        to.sendto(state.encode(), f"\0{address[1:]}" if address.startswith("@") else address)
