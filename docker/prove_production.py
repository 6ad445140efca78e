"""Proves that the production settings and the image's entrypoint work on servers over TCP with TLS and passwords.

With `--image ROOT`, the unpacked file system of an image, everything runs inside it: as its user, read-only, as an engine does.

Prints one line a proof; ends with 1 at the first that fails, and with 0 and the word "skipped" where a server is missing.
"""

import argparse
import base64
import http.client
import json
import os
import re
import secrets
import smtplib
import subprocess
import sys
import tempfile
import urllib.parse
from http.cookies import SimpleCookie
from pathlib import Path

import psycopg
from servers import Servers, answers, free_port, on_this_machine, until

ROOT = Path(__file__).resolve().parents[1]
ENTRYPOINT = ROOT / "docker" / "entrypoint.sh"
IN_IMAGE = ROOT / "docker" / "in_image.sh"
IMAGE_USER = 10001
HOST = "causeway.example"
PERSON, PASSWORD = "operator@causeway.example", secrets.token_urlsafe(24)
MAKE_PERSON = """
from allauth.account.models import EmailAddress
from accounts.models import User
user = User.objects.create_user({person!r}, {password!r}, name="Operator")
EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
"""
Answer = tuple[int, http.client.HTTPMessage, str]


def main() -> int:
    """Run every proof."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--image", type=Path, metavar="ROOT", help="run inside this unpacked image; wants to be root")
    image: Path | None = parser.parse_args().image
    if image and not (image / "app" / "docker" / "entrypoint.sh").exists():
        parser.error(f"{image} holds no unpacked image: there is no app/docker/entrypoint.sh in it")
    if image and os.geteuid() != 0:
        parser.error("only root may enter an image")
    postgresql, redis, missing = on_this_machine()
    if missing or redis is None:
        print(f"skipped: not on this machine: {', '.join(missing)}")
        return 0
    with tempfile.TemporaryDirectory(prefix="prove-") as name:
        servers = Servers(Path(name), postgresql[-1].parent, redis)
        proof = Proof(servers, image.resolve() if image else None)
        try:
            servers.start()
            proof.run()
        except (AssertionError, TimeoutError, OSError) as failure:
            print(f"FAILED  {failure}")
            proof.show_logs()
            return 1
        finally:
            proof.stop()
            servers.stop()
    print(f"\n{proof.count} proofs")
    return 0


class Proof:
    """The product as the image runs it, and what it is asked."""

    def __init__(self, servers: Servers, image: Path | None) -> None:
        self.servers = servers
        self.image = image
        self.entrypoint = [IN_IMAGE, image, servers.folder] if image else [ENTRYPOINT]
        self.count = 0
        self.port = free_port()
        self.programs: dict[str, subprocess.Popen[bytes]] = {}
        self.base = {
            "LANG": "C.UTF-8",
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
            "CAUSEWAY_STATE": str(servers.folder / "state"),
            "ALLOWED_HOSTS": HOST,
            "PUBLIC_ADDRESS": f"https://{HOST}",
            "WEB_BIND": f"127.0.0.1:{self.port}",
            "SMTP_PORT": "1",
        }
        if image:
            self.base |= {
                "PATH": "/app/.venv/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "STATIC_ROOT": "/app/static",
            }
        else:
            self.base |= {
                "PATH": f"{ROOT / '.venv' / 'bin'}:/usr/bin:/bin",
                "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
                "STATIC_ROOT": str(servers.folder / "static"),
            }

    def run(self) -> None:
        """Prove in order: schema, refusals, serving, tasks, stopping."""
        self._write_secrets()
        self._database()
        self._static_files()
        self._refusals()
        self._start("web", DATABASE_POOL="true")
        self._start("worker", **self.as_steward)
        self._start("beat")
        until("web is ready", self._is_ready)
        self._pages()
        self._sign_in()
        self._connections()
        self._task()
        self._replies()
        self._upkeep()
        self._backup()
        self._stopping()

    def stop(self) -> None:
        """End what runs."""
        for program in self.programs.values():
            if program.poll() is None:
                program.kill()
                program.wait()

    def show_logs(self) -> None:
        """Print the ends of the logs."""
        for log in sorted(self.servers.folder.glob("*.log")):
            print(f"--- {log.stem}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-15:]))

    def _tell(self, what: str) -> None:
        self.count += 1
        print(f"ok  {what}", flush=True)

    def _write_secrets(self) -> None:
        """Give each secret by a file, as the compose file does."""
        values = {
            "CAUSEWAY_SECRET_KEY": secrets.token_urlsafe(64),
            "AUDIT_SIGNING_KEY": base64.b64encode(os.urandom(32)).decode(),
            "DATABASE_URL": self.servers.url("app"),
            "REDIS_URL": self.servers.redis_url,
            "DATABASE_STEWARD_URL": self.servers.url("steward"),
            "DATABASE_MIGRATOR_URL": self.servers.url("migrator"),
            "DATABASE_ADMIN_URL": self.servers.url("postgres", "postgres"),
        }
        folder = self.servers.folder / "secrets"
        folder.mkdir(mode=0o700)
        files = {}
        for name, value in values.items():
            (folder / name.lower()).write_text(value + "\n")
            files[f"{name}_FILE"] = str(folder / name.lower())
        state = self.servers.folder / "state"
        state.mkdir()
        if self.image:
            for path in (folder, *folder.iterdir(), state):
                os.chown(path, IMAGE_USER, IMAGE_USER)
        general = ("CAUSEWAY_SECRET_KEY_FILE", "AUDIT_SIGNING_KEY_FILE", "DATABASE_URL_FILE", "REDIS_URL_FILE")
        self.base |= {name: files.pop(name) for name in general}
        self.as_steward = {"DATABASE_STEWARD_URL_FILE": files["DATABASE_STEWARD_URL_FILE"]}
        self.as_administrator = files

    def _entrypoint(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.entrypoint, *words],
            env={**self.base, **more},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def _well(self, *words: str, **more: str) -> str:
        done = self._entrypoint(*words, **more)
        assert done.returncode == 0, f"{' '.join(words)} ended with {done.returncode}:\n{done.stderr[-3000:]}"
        return done.stdout

    def _database(self) -> None:
        with psycopg.connect(self.servers.url("postgres", "postgres")) as connection:
            (version,) = connection.execute("show server_version").fetchone() or ("",)
            (self.version,) = connection.execute("select current_setting('server_version_num')::int").fetchone() or (0,)
        self._tell(f"PostgreSQL {version} answers over TLS, its certificate verified")
        self._well("init", **self.as_administrator)
        self._tell("init: roles with passwords, every migration, reference data, no finding in the catalogue check")
        with psycopg.connect(self.servers.url("postgres", "postgres")) as connection:
            rows = connection.execute(
                "select rolname, rolpassword from pg_authid where rolname ~ '^causeway_' and rolcanlogin"
            ).fetchall()
        assert len(rows) == 3, rows
        assert all(password.startswith("SCRAM-SHA-256$") for _, password in rows), "a password is not SCRAM"
        self._tell("the three logins have SCRAM-SHA-256 passwords")
        for what, url in (
            ("without TLS", self.servers.url("app", mode="disable")),
            ("with a wrong password", self.servers.url("app").replace(self.servers.passwords["app"], "wrong")),
        ):
            try:
                psycopg.connect(url).close()
            except psycopg.OperationalError:
                self._tell(f"PostgreSQL refuses causeway_app {what}")
            else:
                raise AssertionError(f"PostgreSQL let causeway_app in {what}")
        self._well("python", "manage.py", "check", "--deploy", "--fail-level", "WARNING")
        self._tell("check --deploy finds nothing")

    def _static_files(self) -> None:
        if not self.image:
            self._well("python", "manage.py", "collectstatic", "--no-input", "--verbosity", "0")
        collected = self.image / "app" / "static" if self.image else self.servers.folder / "static"
        files = [path for path in collected.rglob("*") if path.is_file()]
        assert files, f"no static files in {collected}"
        self._tell(
            f"static files collected: {len(files)} files, {sum(path.suffix == '.br' for path in files)} of them Brotli"
        )

    def _refusals(self) -> None:
        for name in ("CAUSEWAY_SECRET_KEY", "DATABASE_URL"):
            environment = {key: value for key, value in self.base.items() if key != f"{name}_FILE"}
            done = subprocess.run(
                [*self.entrypoint, "web"], env=environment, capture_output=True, text=True, timeout=60, check=False
            )
            assert done.returncode != 0, f"web starts without {name}"
            assert name in done.stderr, f"web does not name {name}"
            self._tell(f"web does not start without {name}, and names it")
        done = self._entrypoint(
            "web", DATABASE_URL_FILE=self.as_administrator["DATABASE_MIGRATOR_URL_FILE"], ALLOW_OLD_SERVERS="true"
        )
        assert done.returncode != 0, "web serves as the migrator"
        assert "only causeway_app may" in done.stderr, done.stderr[-2000:]
        self._tell("web does not serve as another role than causeway_app")
        from config.servers import shortcoming

        if said := shortcoming(self.version):
            for word in ("web", "worker"):
                done = self._entrypoint(word, **self.as_steward)
                assert done.returncode != 0, f"{word} starts although {said}"
                assert "update the server" in done.stderr + done.stdout, done.stderr[-2000:]
            self._tell(f"production refuses: {said}")
            self.base["ALLOW_OLD_SERVERS"] = "true"
            self._tell("ALLOW_OLD_SERVERS=true lets this test server pass from here on, with a warning")
        else:
            self._tell("the server is new enough for production")

    def _start(self, word: str, **more: str) -> None:
        with (self.servers.folder / f"{word}.log").open("wb") as log:
            self.programs[word] = subprocess.Popen(
                [*self.entrypoint, word], env={**self.base, **more}, stdout=log, stderr=log
            )

    def _ask(self, path: str, method: str = "GET", body: str | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        sent = {"Host": HOST, "X-Forwarded-Proto": "https", **{k.replace("_", "-"): v for k, v in headers.items()}}
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode(errors="replace")
        finally:
            connection.close()

    def _is_ready(self) -> bool:
        assert self.programs["web"].poll() is None, "web ended"
        try:
            return self._ask("/readyz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def _pages(self) -> None:
        _, _, states = self._ask("/readyz", X_Forwarded_Proto="http")
        found: dict[str, str] = json.loads(states)
        assert {"database", "migrations", "cache", "sweep"} == found.keys(), states
        assert set(found.values()) == {"ok"}, states
        self._tell(f"/readyz over plain HTTP: {states}")
        status, headers, _ = self._ask("/accounts/login/", X_Forwarded_Proto="http")
        assert (status, headers["Location"]) == (301, f"https://{HOST}/accounts/login/"), (status, headers["Location"])
        self._tell("plain HTTP is sent to HTTPS")
        assert self._ask("/accounts/login/", Host="evil.example")[0] == 400, "a foreign host is served"
        self._tell("a foreign Host is refused")
        status, headers, page = self._ask("/accounts/login/")
        assert status == 200, status
        assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload", headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, policy
        assert "unsafe" not in policy, policy
        for name, value in (
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Frame-Options", "DENY"),
            ("Referrer-Policy", "same-origin"),
        ):
            assert headers[name] == value, (name, headers[name])
        self._tell("the sign-in page: HSTS of a year with preload, CSP without unsafe-*, COOP, nosniff, DENY")
        sheets = re.findall(r'href="(/static/[^"]+\.[0-9a-f]{12}\.css)"', page)
        assert sheets, "no hashed style sheet on the sign-in page"
        status, headers, _ = self._ask(sheets[0], Accept_Encoding="br, gzip")
        assert (status, headers["Content-Encoding"]) == (200, "br"), (status, headers["Content-Encoding"])
        assert "immutable" in headers["Cache-Control"], headers["Cache-Control"]
        self._tell(f"{sheets[0]}: Brotli, {headers['Cache-Control']}")
        assert self._ask("/dev/sign-in")[0] == 404, "one-click sign-in is served"
        self._tell("one-click sign-in does not exist")
        self._well("python", "docker/healthcheck.py")
        self._tell("the image's health check finds it alive")
        status, headers, _ = self._ask("/o/anybody/api/v1/sites")
        assert (status, headers["Content-Type"]) == (401, "application/problem+json"), status
        self._tell("the API answers 401 in application/problem+json")

    def _sign_in(self) -> None:
        self._well("python", "manage.py", "shell", "-c", MAKE_PERSON.format(person=PERSON, password=PASSWORD))
        _, headers, page = self._ask("/accounts/login/")
        cookie = SimpleCookie(headers["Set-Cookie"])["__Host-causeway_csrf"]
        assert cookie["secure"], "the CSRF cookie is not Secure"
        token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[0]
        form = urllib.parse.urlencode({"login": PERSON, "password": PASSWORD, "csrfmiddlewaretoken": token})
        headers_sent = {
            "Content_Type": "application/x-www-form-urlencoded",
            "Cookie": f"__Host-causeway_csrf={cookie.value}",
            "Referer": f"https://{HOST}/accounts/login/",
        }
        status, headers, _ = self._ask("/accounts/login/", "POST", form, **headers_sent)
        assert status == 302, f"signing in answers {status}"
        cookies = SimpleCookie("\n".join(headers.get_all("Set-Cookie") or []).replace("\n", "; "))
        session = next(line for line in headers.get_all("Set-Cookie") or [] if "__Host-causeway_session" in line)
        assert "__Host-causeway_session" in cookies, session
        for flag in ("Secure", "HttpOnly", "SameSite=Lax"):
            assert flag in session, f"the session cookie lacks {flag}"
        self._tell("somebody signs in; session and CSRF cookies are __Host-, Secure, SameSite; the session's HttpOnly")

    def _connections(self) -> None:
        with psycopg.connect(self.servers.url("postgres", "postgres")) as connection:
            rows = connection.execute(
                "select usename, bool_and(s.ssl), count(*) from pg_stat_ssl s join pg_stat_activity a using (pid)"
                " where usename ~ '^causeway_' group by usename order by usename"
            ).fetchall()
        assert rows, "the product has no connection"
        assert all(ssl for _, ssl, _ in rows), rows
        self._tell("its connections are all TLS: " + ", ".join(f"{count} as {user}" for user, _, count in rows))

    def _task(self) -> None:
        self._well(
            "python", "-c", "import django; django.setup(); from notices.tasks import plan_jobs; plan_jobs.delay()"
        )
        log = self.servers.folder / "worker.log"
        until(
            "the worker did the task",
            lambda: re.search(r"notices\.tasks\.plan_jobs\[.*succeeded", log.read_text()) is not None,
        )
        self._tell("a task goes through Redis (TLS, password) to the worker and succeeds")
        assert self.programs["beat"].poll() is None, "beat ended"
        assert "beat: Starting" in (self.servers.folder / "beat.log").read_text(), "beat does not run"
        self._tell("beat runs")
        self._well("python", "manage.py", "catalogue")
        self._tell("the catalogue check finds nothing afterwards")

    def _replies(self) -> None:
        """Offer it mail for another domain than its own: whatever takes that is an open relay."""
        port = free_port()
        self._start("replies", REPLY_BIND=f"127.0.0.1:{port}", REPLY_DOMAIN=f"reply.{HOST}")
        until("replies listens", lambda: answers(port))
        with smtplib.SMTP("127.0.0.1", port, timeout=20) as connection:
            connection.ehlo()
            connection.mail("somebody@elsewhere.example")
            code, words = connection.rcpt("anybody@elsewhere.example")
        assert code >= 500, f"replies takes mail for another domain: {code} {words.decode()}"
        self._tell(f"replies answers and is no open relay: {code} {words.decode()}")

    def _upkeep(self) -> None:
        """Take the last month ahead away, as if nobody had looked after them, and let the service make it again."""
        made = "select max(inhrelid::regclass::text) from pg_inherits where inhparent = 'audit_event'::regclass"
        with psycopg.connect(self.servers.url("postgres"), autocommit=True) as connection:
            (name,) = connection.execute(made).fetchone() or ("",)
            connection.execute(f"drop table {name}")  # type: ignore[arg-type]
            self._start("upkeep", DATABASE_MIGRATOR_URL_FILE=self.as_administrator["DATABASE_MIGRATOR_URL_FILE"])
            until("upkeep made the month", lambda: f"{name} made" in (self.servers.folder / "upkeep.log").read_text())
            assert connection.execute(made).fetchone() == (name,), f"{name} does not stand"
        self._well("python", "manage.py", "catalogue")
        self._tell(f"upkeep, as the database's owner, makes {name}, and the catalogue check finds nothing")
        assert self.programs["upkeep"].poll() is None, "upkeep ended"
        self.programs["upkeep"].terminate()
        self.programs["upkeep"].wait(20)
        once = self._well(
            "python", "manage.py", "audit", "upkeep", CAUSEWAY_DATABASE_ROLE="migrator", **self.as_administrator
        )
        assert once == "", once
        self._tell("upkeep once, by hand, finds nothing more to do and ends with status 0")

    def _backup(self) -> None:
        folder = self.servers.folder / "state" / "backup"
        said = self._well("python", "manage.py", "backup", str(folder), **self.as_administrator)
        assert (folder / "database.dump").stat().st_size > 0, "an empty dump"
        self._tell(f"a backup with the pg_dump at hand: {said.partition(' are in')[0]}")

    def _stopping(self) -> None:
        for word in ("replies", "beat", "worker", "web"):
            self.programs[word].terminate()
            status = self.programs[word].wait(60)
            assert status == 0, f"{word} ended with {status}"
        self._tell("SIGTERM ends replies, beat, worker and web with status 0")


if __name__ == "__main__":
    sys.exit(main())
