"""A PostgreSQL server of this machine's own packages, which tests may stop and start."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any


class Absent(Exception):  # noqa: N818
    """There is no PostgreSQL here, or it cannot run."""


class Postgres:
    """A server with a folder of its own. It listens on `port` of loopback while it runs."""

    def __init__(self, port: int) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not found:
            raise Absent("PostgreSQL is not installed (apt install postgresql)")
        self.programs, self.port = found[-1].parent, port
        self.url = f"postgresql://tests@127.0.0.1:{port}"
        self.folder = Path(tempfile.mkdtemp(prefix="yozora-pg-", dir="/tmp"))
        self.quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
        if os.geteuid() == 0:  # which PostgreSQL refuses to run as
            self.quiet |= self._somebody_else()
        wanted = ["-D", self.folder / "data", "-U", "tests", "-A", "trust", "-N"]
        subprocess.run([self.programs / "initdb", *wanted], check=True, **self.quiet)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin to listen; `ready` says when it does."""
        options = ["-clisten_addresses=127.0.0.1", f"-cport={self.port}", f"-cunix_socket_directories={self.folder}"]
        command = [self.programs / "postgres", "-D", self.folder / "data", *options, "-cfsync=off"]
        self.process = subprocess.Popen(command, **self.quiet)

    def ready(self) -> bool:
        asked = [self.programs / "pg_isready", "-h", "127.0.0.1", "-p", str(self.port), "-q"]
        return subprocess.run(asked, **self.quiet).returncode == 0

    def stop(self) -> None:
        """As an outage: whoever is connected is thrown out at once."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)
            self.process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _somebody_else(self) -> dict[str, Any]:
        with suppress(KeyError):
            known = pwd.getpwnam("postgres")
            os.chown(self.folder, known.pw_uid, known.pw_gid)
            return {"user": known.pw_uid, "group": known.pw_gid, "extra_groups": []}
        raise Absent("PostgreSQL does not run as root, and there is no user postgres")
