"""Making the environment from a lock: by pip for real, from a wheel made on the spot, and when it is left alone."""

import base64
import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from launcher import environment
from launcher.terminal import LauncherError


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two locks that name one small package, in a path with a space, without uv and without a network."""
    root = tmp_path / "a project"
    (root / "requirements").mkdir(parents=True)
    wheel = make_wheel(tmp_path / "wheels", "1.0")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    for lock in ("run", "develop"):
        (root / "requirements" / f"{lock}.txt").write_text(f"causeway-parcel==1.0 --hash=sha256:{digest}\n# {lock}\n")
    monkeypatch.setattr(environment, "ROOT", root)
    monkeypatch.setattr(environment, "STATE", root / ".causeway")
    monkeypatch.setattr(environment, "ENVIRONMENT", root / ".venv")
    monkeypatch.setattr(environment, "STAMP", root / ".venv" / "causeway-lock.json")
    monkeypatch.setattr(environment, "interpreter", lambda: root / ".venv" / "bin" / "python")
    monkeypatch.setattr(environment.shutil, "which", lambda _name: None)
    for name, value in {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheel.parent),
        "PIP_CONFIG_FILE": "/dev/null",
    }.items():
        monkeypatch.setenv(name, value)
    return root


def make_wheel(folder: Path, version: str) -> Path:
    """A package of one module, `causeway_parcel`."""
    folder.mkdir()
    info = f"causeway_parcel-{version}.dist-info"
    files = {
        "causeway_parcel.py": f'VERSION = "{version}"\n',
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: causeway-parcel\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},{len(text)}\n"
        for name, text in files.items()
    )
    wheel = folder / f"causeway_parcel-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, text in {**files, f"{info}/RECORD": record + f"{info}/RECORD,,\n"}.items():
            archive.writestr(name, text)
    return wheel


def inside(root: Path, question: str) -> str:
    python = root / ".venv" / "bin" / "python"
    return subprocess.run([python, "-c", question], cwd="/", env={}, capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_pip_installs_what_the_lock_names_and_only_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environment.ensure("develop")
    assert inside(project, "import causeway_parcel; print(causeway_parcel.VERSION)") == "1.0\n"
    assert "with pip" in capsys.readouterr().err
    environment.ensure("develop")
    environment.ensure("run")  # the develop lock holds everything the run lock does
    assert capsys.readouterr().err == ""


@pytest.mark.slow
def test_a_package_that_differs_from_its_hash_is_refused_and_leaves_no_stamp(project: Path) -> None:
    (project / "requirements" / "run.txt").write_text(f"causeway-parcel==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(LauncherError, match="DO NOT MATCH THE HASHES"):
        environment.ensure("run")
    assert not environment.STAMP.exists()


@pytest.mark.slow
def test_the_source_roots_are_importable_and_the_standard_library_keeps_its_platform(project: Path) -> None:
    (project / "platform" / "config").mkdir(parents=True)
    (project / "platform" / "config" / "__init__.py").write_text("")
    environment.ensure("run")
    told = inside(project, "import platform, config; print(platform.python_version()); print(config.__file__)")
    version, place = told.splitlines()
    assert version == sys.version.split()[0]
    assert place == str(project / "platform" / "config" / "__init__.py")


def stamp(project: Path, lock: str, digest: str) -> None:
    (project / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
    (project / ".venv" / "bin" / "python").symlink_to(sys.executable)
    environment.STAMP.write_text(json.dumps({"lock": lock, "sha256": digest}))


def test_the_run_lock_is_not_enough_for_the_tests(project: Path) -> None:
    stamp(project, "run", environment._digest("run"))
    assert environment._is_installed("run")
    assert not environment._is_installed("develop")


def test_a_changed_lock_is_installed_again(project: Path) -> None:
    stamp(project, "develop", environment._digest("develop"))
    assert environment._is_installed("develop")
    (project / "requirements" / "develop.txt").write_text("# other\n")
    assert not environment._is_installed("develop")


def test_an_environment_whose_python_does_not_run_here_is_not_taken_for_one(project: Path) -> None:
    stamp(project, "run", environment._digest("run"))
    (project / ".venv" / "bin" / "python").unlink()
    (project / ".venv" / "bin" / "python").symlink_to("/no/such/python")
    assert not environment._is_installed("run")
