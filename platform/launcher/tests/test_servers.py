"""The embedded servers, started for real: as whoever runs the tests, and as a plain user where we are root."""

import contextlib
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from launcher import postgres
from launcher.tests.processes import PLAIN_USER, alive, become, holding, launch, python_for, wait_gone, wait_until
from launcher.warden import birth

USERS = pytest.mark.parametrize("user", [None, PLAIN_USER], ids=["as ourselves", "as a plain user"])


def do(environment: dict[str, str], statement: str) -> None:
    with psycopg.connect(environment["DATABASE_ADMIN_URL"], autocommit=True) as connection:
        connection.execute(statement)


def ask(environment: dict[str, str], question: str) -> object:
    with psycopg.connect(environment["DATABASE_ADMIN_URL"], autocommit=True) as connection:
        row = connection.execute(question).fetchone()
    return row[0] if row else None


@USERS
def test_postgres_is_up_with_the_properties_the_product_relies_on(open_folder: Path, user: str | None) -> None:
    python_for(user)
    with holding(open_folder, user=user) as holder:
        assert int(str(ask(holder.environment, "show server_version_num"))) >= 180000
        assert ask(holder.environment, "select datcollate from pg_database where datname = 'postgres'") == "C.UTF-8"
        assert ask(holder.environment, "show server_encoding") == "UTF8"
        assert ask(holder.environment, "show timezone") == "UTC"
        assert ask(holder.environment, "show data_checksums") == "on"
        assert ask(holder.environment, "show listen_addresses") == ""
        assert ask(holder.environment, "show max_connections") == "200"
        assert ask(holder.environment, "show fsync") == "off"
        assert (open_folder / "1" / "postgres-18").is_dir()
        assert Path(f"/proc/{holder.pids['PostgreSQL']}").stat().st_uid != 0


def test_an_instance_that_keeps_its_data_is_durable(open_folder: Path) -> None:
    with holding(open_folder, mode="kept") as holder:
        assert ask(holder.environment, "show fsync") == "on"
        assert ask(holder.environment, "show synchronous_commit") == "on"
        assert ask(holder.environment, "show full_page_writes") == "on"
        do(holder.environment, "create table kept as select 7 as number")
        redis.Redis.from_url(holder.environment["REDIS_URL"]).set("kept", "7")
    with holding(open_folder, mode="kept") as holder:
        assert ask(holder.environment, "select number from kept") == 7
        assert redis.Redis.from_url(holder.environment["REDIS_URL"]).get("kept") == b"7"


def test_valkey_refuses_to_forget(open_folder: Path) -> None:
    with holding(open_folder, mode="kept") as holder:
        client = redis.Redis.from_url(holder.environment["REDIS_URL"])
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        assert client.config_get("port") == {"port": "0"}


@USERS
def test_socket_folders_are_closed_to_others(open_folder: Path, user: str | None) -> None:
    python_for(user)
    with holding(open_folder, user=user) as holder:
        assert len(holder.folders) == 2
        for folder in holder.folders:
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            assert folder.stat().st_uid == Path(f"/proc/{holder.pids['PostgreSQL']}").stat().st_uid
        assert stat.S_IMODE((open_folder / "1" / "state").stat().st_mode) == 0o700


@pytest.mark.slow
@USERS
def test_killing_the_launcher_leaves_nothing_behind(open_folder: Path, user: str | None) -> None:
    python_for(user)
    with holding(open_folder, user=user) as holder:
        started = holder.everything
        assert len(started) > 6  # PostgreSQL's own children are among them
        holder.process.kill()
        wait_gone(started)
        wait_until(lambda: not any(folder.exists() for folder in holder.folders), "socket folders removed")


@pytest.mark.slow
@USERS
def test_killing_launcher_and_warden_together_leaves_no_server_behind(open_folder: Path, user: str | None) -> None:
    python_for(user)
    with holding(open_folder, user=user) as holder:
        started = holder.everything
        os.kill(holder.warden, signal.SIGKILL)
        holder.process.kill()
        wait_gone(started)
        with holding(open_folder, user=user):  # nobody was left to remove the socket folders: the next start does
            assert not any(folder.exists() for folder in holder.folders)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_stops_all_in_good_order(open_folder: Path, number: signal.Signals) -> None:
    with holding(open_folder) as holder:
        started = holder.everything
        holder.process.send_signal(number)
        assert holder.process.wait(30) == 0
        assert alive(started) == set()
        assert not any(folder.exists() for folder in holder.folders)
    assert "database system is shut down" in (open_folder / "1" / "logs" / "postgres.log").read_text()


def test_the_next_start_follows_a_killed_one(open_folder: Path) -> None:
    with holding(open_folder, mode="kept") as first:
        do(first.environment, "create table kept as select 7 as number")
        first.process.kill()
        first.process.wait()
        with holding(open_folder, mode="kept") as second:  # at once: the first one's servers may still be ending
            assert ask(second.environment, "select number from kept") == 7
            assert birth(first.pids["PostgreSQL"]) is None


def test_a_killed_server_is_started_again_at_the_same_address(open_folder: Path) -> None:
    with holding(open_folder, mode="kept") as holder:
        do(holder.environment, "create table kept as select 7 as number")
        for name in ("PostgreSQL", "Valkey"):
            os.kill(holder.pids[name], signal.SIGKILL)

        def answers() -> bool:
            try:
                return bool(
                    ask(holder.environment, "select number from kept") == 7
                    and redis.Redis.from_url(holder.environment["REDIS_URL"]).ping()
                )
            except (psycopg.OperationalError, redis.ConnectionError):
                return False

        wait_until(answers, "both servers answer again")


def test_a_killed_warden_is_replaced_and_knows_everything(open_folder: Path) -> None:
    with holding(open_folder) as holder:
        os.kill(holder.warden, signal.SIGKILL)
        children = Path(f"/proc/{holder.process.pid}/task/{holder.process.pid}/children")

        def replaced() -> bool:
            now = alive(set(map(int, children.read_text().split())))
            return holder.warden not in now and len(now - set(holder.pids.values())) == 1

        wait_until(replaced, "a new warden")
        started = holder.everything | set(map(int, children.read_text().split()))
        holder.process.kill()
        wait_gone(started)
        wait_until(lambda: not any(folder.exists() for folder in holder.folders), "socket folders removed")


def test_the_same_instance_is_not_started_twice(open_folder: Path) -> None:
    with holding(open_folder) as first:
        second = launch(open_folder)
        _, words = second.communicate(timeout=120)
        assert second.returncode == 1
        assert words.strip() == "taken"
        assert ask(first.environment, "select 1") == 1


def test_two_instances_run_side_by_side_apart(open_folder: Path) -> None:
    with holding(open_folder, "8101") as one, holding(open_folder, "8102") as other:
        do(one.environment, "create table only_here ()")
        assert ask(other.environment, "select to_regclass('only_here')") is None
        assert one.environment["REDIS_URL"] != other.environment["REDIS_URL"]
        assert one.environment["SMTP_PORT"] != other.environment["SMTP_PORT"]


@USERS
def test_a_path_with_spaces_and_quotes_works(open_folder: Path, user: str | None) -> None:
    python_for(user)
    home = open_folder / "Aunt May's files, new"
    home.mkdir()
    with holding(home, user=user) as holder:
        assert ask(holder.environment, "show data_directory") == str(home / "1" / "postgres-18")
        assert redis.Redis.from_url(holder.environment["REDIS_URL"]).ping()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends its servers another user")
def test_root_keeps_data_in_its_shelter_when_the_project_lies_in_a_closed_home(open_folder: Path) -> None:
    home = open_folder / "closed"
    home.mkdir(mode=0o700)
    name = f"shelter-test-{os.getpid()}"
    with holding(home, name) as holder:
        assert ask(holder.environment, "select 1") == 1
        shelter = (home / name / "servers").resolve()
        assert ask(holder.environment, "show data_directory") == str(shelter / "postgres-18")
        assert (shelter / "valkey").is_dir()
    shutil.rmtree(shelter)
    with contextlib.suppress(OSError):  # somebody else's instances lie there
        shelter.parent.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends its servers another user")
def test_programs_under_a_closed_home_are_copied_with_their_libraries(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from launcher import account, wheels

    shelter = open_folder / "open"
    monkeypatch.setattr(account, "SHELTER", shelter)
    monkeypatch.setattr(account.Account, "reaches", lambda _self, path: str(path).startswith(str(shelter)))
    user = account.for_servers()
    programs = wheels.postgres_programs(user)
    assert programs.is_relative_to(shelter)
    told = subprocess.run(
        [programs / "postgres", "--version"], **become(user.name), capture_output=True, text=True, check=True
    )
    assert told.stdout.startswith("postgres (PostgreSQL) 18.")
    linked = subprocess.run(["/usr/bin/ldd", programs / "initdb"], capture_output=True, text=True, check=True).stdout
    assert "not found" not in linked
    valkey = wheels.valkey_program(user)
    assert valkey.is_relative_to(shelter)
    assert subprocess.run([valkey, "--version"], **become(user.name), capture_output=True, check=True).returncode == 0
    assert wheels.postgres_programs(user) == programs  # the copy is made once


class TestStaleLock:
    """`postmaster.pid` of a server that is gone."""

    def test_of_a_process_that_is_gone_is_removed(self, tmp_path: Path) -> None:
        gone = subprocess.Popen([sys.executable, "-c", ""])
        gone.wait()
        (tmp_path / "postmaster.pid").write_text(f"{gone.pid}\n{tmp_path}\n")
        postgres.clear_stale_lock(tmp_path)
        assert not (tmp_path / "postmaster.pid").exists()

    def test_of_a_zombie_is_removed(self, tmp_path: Path) -> None:
        zombie = subprocess.Popen([sys.executable, "-c", ""])
        wait_until(lambda: birth(zombie.pid) is None, "the child has ended")  # and is not waited for: a zombie
        (tmp_path / "postmaster.pid").write_text(f"{zombie.pid}\n{tmp_path}\n")
        postgres.clear_stale_lock(tmp_path)
        assert not (tmp_path / "postmaster.pid").exists()
        zombie.wait()

    def test_with_a_number_given_out_again_is_removed_and_its_new_owner_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "postmaster.pid").write_text(f"{os.getppid()}\n{tmp_path}\n")
        postgres.clear_stale_lock(tmp_path)
        assert not (tmp_path / "postmaster.pid").exists()
        os.kill(os.getppid(), 0)

    def test_of_a_server_that_still_lives_ends_it_first(self, tmp_path: Path) -> None:
        stand_in = "import sys, time; sys.stdout.write('up\\n'); sys.stdout.flush(); time.sleep(600)"
        left = subprocess.Popen([sys.executable, "-c", stand_in, "-D", str(tmp_path)], stdout=subprocess.PIPE)
        left.stdout.readline()
        (tmp_path / "postmaster.pid").write_text(f"{left.pid}\n{tmp_path}\n")
        postgres.clear_stale_lock(tmp_path)
        assert left.wait(10) != 0
        assert not (tmp_path / "postmaster.pid").exists()
        left.stdout.close()

    def test_that_is_empty_is_removed(self, tmp_path: Path) -> None:
        (tmp_path / "postmaster.pid").write_text("")
        postgres.clear_stale_lock(tmp_path)
        assert not (tmp_path / "postmaster.pid").exists()


def test_mail_waits_while_the_sink_is_started_again(open_folder: Path) -> None:
    with holding(open_folder) as holder:
        os.kill(holder.pids["mail sink"], signal.SIGKILL)
        wait_until(lambda: birth(holder.pids["mail sink"]) is None, "the sink is gone")
        address = (holder.environment["SMTP_HOST"], int(holder.environment["SMTP_PORT"]))
        with socket.create_connection(address, timeout=120) as client:  # the launcher keeps the socket open
            assert client.recv(200).startswith(b"220 ")
