"""Debian's PostgreSQL and Redis on loopback TCP, with TLS and passwords, for bin/prove-production."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

LOGINS = ("app", "migrator", "steward")


def on_this_machine() -> tuple[list[Path], str | None, list[str]]:
    """Return the PostgreSQL servers, the oldest first, Redis or Valkey, and the names of what is missing."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    redis = shutil.which("redis-server") or shutil.which("valkey-server")
    wanted = (
        ("PostgreSQL (apt install postgresql)", found),
        ("Redis or Valkey (apt install redis-server)", redis),
        ("openssl", shutil.which("openssl")),
    )
    return found, redis, [name for name, there in wanted if not there]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def until(what: str, holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something; raise TimeoutError with its name."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.1)


def answers(port: int) -> bool:
    """Whether somebody listens."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


@dataclass
class Servers:
    """Both servers and everything they need, in a folder of their own."""

    folder: Path
    postgresql: Path
    redis: str
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    passwords: dict[str, str] = field(
        default_factory=lambda: {name: secrets.token_hex(16) for name in ("postgres", "redis", *LOGINS)}
    )
    database_port: int = field(default_factory=free_port)
    redis_port: int = field(default_factory=free_port)

    @property
    def certificate(self) -> Path:
        """The servers' certificate, which is its own authority."""
        return self.folder / "tls" / "server.crt"

    def url(self, login: str, database: str = "causeway", mode: str = "verify-full") -> str:
        """Return the URL of a login."""
        user = login if login == "postgres" else f"causeway_{login}"
        place = f"{user}:{self.passwords[login]}@localhost:{self.database_port}/{database}"
        return f"postgresql://{place}?sslmode={mode}&sslrootcert={self.certificate}"

    @property
    def redis_url(self) -> str:
        """Return the URL of the cache and queue."""
        place = f":{self.passwords['redis']}@localhost:{self.redis_port}/0"
        return f"rediss://{place}?ssl_cert_reqs=required&ssl_ca_certs={self.certificate}"

    def start(self) -> None:
        """Start both and wait until they answer."""
        self.folder.chmod(0o755)
        self._certify()
        self._start_postgresql()
        self._start_redis()
        until("PostgreSQL", lambda: answers(self.database_port))
        until("Redis", lambda: answers(self.redis_port))

    def stop(self) -> None:
        """Stop both."""
        for process in reversed(self.running):
            process.terminate()
            process.wait(30)

    def _certify(self) -> None:
        self.certificate.parent.mkdir()
        key = self.certificate.with_suffix(".key")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", self.certificate],
            check=True, capture_output=True,
        )  # fmt: skip
        key.chmod(0o600)
        shutil.copy(key, self.folder / "tls" / "redis.key")
        self._hand_over(key)

    def _start_postgresql(self) -> None:
        data, password = self.folder / "database", self.folder / "password"
        data.mkdir(mode=0o700)
        password.write_text(self.passwords["postgres"])
        self._hand_over(data, password)
        subprocess.run(
            [self.postgresql / "initdb", "-D", data, "-U", "postgres", "--pwfile", password, "--auth=scram-sha-256",
             "--encoding=UTF8", "--locale=C.UTF-8"],
            check=True, capture_output=True, user=self._account, cwd="/",
        )  # fmt: skip
        password.unlink()
        (data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.database_port,
            "unix_socket_directories": "",
            "ssl": "on",
            "ssl_cert_file": self.certificate,
            "ssl_key_file": self.certificate.with_suffix(".key"),
            "ssl_min_protocol_version": "TLSv1.2",
        }
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self._run([self.postgresql / "postgres", "-D", data, *settings], "postgresql", self._account)

    def _start_redis(self) -> None:
        data = self.folder / "redis"
        data.mkdir()
        configuration = data / "redis.conf"
        configuration.write_text(
            f"bind 127.0.0.1\nport 0\ntls-port {self.redis_port}\ntls-cert-file {self.certificate}\n"
            f"tls-key-file {self.folder / 'tls' / 'redis.key'}\ntls-ca-cert-file {self.certificate}\n"
            f"tls-auth-clients no\nrequirepass {self.passwords['redis']}\ndir {data}\nappendonly yes\n"
            "maxmemory-policy noeviction\n"
        )
        self._run([self.redis, configuration], "redis", None)

    def _run(self, command: list[str | Path], name: str, user: str | None) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self.running.append(subprocess.Popen(command, stdout=log, stderr=log, user=user, cwd="/"))

    @property
    def _account(self) -> str | None:
        """PostgreSQL refuses to run as root."""
        return "postgres" if os.geteuid() == 0 else None

    def _hand_over(self, *paths: Path) -> None:
        if self._account:
            account = pwd.getpwnam(self._account)
            for path in paths:
                os.chown(path, account.pw_uid, account.pw_gid)
