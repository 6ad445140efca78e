"""A backup knows what it holds, and nothing is overwritten. The whole way back is the fault scenario `restore-drill`."""

import json
import tarfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit.models import Cursor
from config.backup import programs, take
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import World

pytestmark = pytest.mark.django_db(transaction=True)
ADMINISTRATORS = programs.address


@pytest.fixture
def state(tmp_path: Path, settings: object, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state with one file, beside the database of this test."""
    settings.STATE_DIR = tmp_path / "state"  # type: ignore[attr-defined]
    (tmp_path / "state" / "files").mkdir(parents=True)
    (tmp_path / "state" / "files" / "evidence.txt").write_text("signed")
    monkeypatch.setattr(programs, "address", lambda: ADMINISTRATORS(connection.settings_dict["NAME"]))
    return tmp_path / "state"


def test_a_backup_names_every_table_and_file_and_notes_when(world: World, state: Path, tmp_path: Path) -> None:
    call_command("backup", str(tmp_path / "backup"))
    manifest = json.loads((tmp_path / "backup" / take.MANIFEST).read_text())
    assert set(manifest["tables"]) == set(connection.introspection.table_names())
    assert list(manifest["files"]) == ["files/evidence.txt"]
    assert Cursor.objects.get(name="backup").moved_at is not None
    with scope(world.host.pk):
        Site.objects.create(name="After the backup")
    with pytest.raises(take.NotEqual, match="tenancy_site"):
        take.compare(manifest, state)


def test_a_changed_file_is_found(world: World, state: Path, tmp_path: Path) -> None:
    manifest = take.take(tmp_path / "backup", state)
    take.compare(manifest, state)
    (state / "files" / "evidence.txt").write_text("forged")
    with pytest.raises(take.NotEqual, match=r"files/evidence\.txt"):
        take.compare(manifest, state)


def test_a_head_that_is_noted_while_the_database_is_dumped_is_not_in_the_backup(
    world: World, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (state / "heads").mkdir()
    heads, evidence = state / "heads" / str(world.host.pk), state / "files" / "later.txt"
    heads.write_text("1 before\n")

    def work_goes_on(*arguments: object) -> None:
        heads.write_text("1 before\n2 meanwhile\n")
        evidence.write_text("given meanwhile")
        dump(*arguments)

    dump = programs.run
    monkeypatch.setattr(programs, "run", work_goes_on)
    take.take(tmp_path / "backup", state)
    with tarfile.open(tmp_path / "backup" / take.STATE) as archive:
        archive.extractall(tmp_path / "back", filter="data")
    assert (tmp_path / "back" / "heads" / str(world.host.pk)).read_text() == "1 before\n"
    assert (tmp_path / "back" / "files" / "later.txt").read_text() == "given meanwhile"


def test_nothing_is_overwritten(world: World, state: Path, tmp_path: Path) -> None:
    take.take(tmp_path / "backup", state)
    with pytest.raises(CommandError, match="is not empty"):
        call_command("backup", str(tmp_path / "backup"))
    with pytest.raises(CommandError, match="make a new one"):
        call_command("restore", str(tmp_path / "backup"))
