"""What leaves the house: an outsider checks the log with one page of Python, and other programs read it."""

import csv
import io
import json
import os
import random
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from audit import heads, keys, proofs, sealing
from audit.models import Batch, Event
from audit.tests.sealed_log import happen
from audit.web.views.log import VERIFIER
from tenancy.scope import scope
from testing.cast import World

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "steward"])

REQUIRED = {"activity_id", "category_uid", "class_uid", "entity", "metadata", "severity_id", "time", "type_uid"}
Run = Callable[..., str]
ClientOf = Callable[[User], Client]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the script over lines, in this process; return what it says, or what it says against them."""

    def check(lines: list[str], *options: str) -> str:
        file = tmp_path / "log.jsonl"
        file.write_text("".join(lines), encoding="utf-8")
        monkeypatch.setattr(sys, "argv", ["verify_log.py", str(file), *options])
        try:
            runpy.run_path(str(VERIFIER))
        except SystemExit as left:
            return str(left.code)
        return capsys.readouterr().out

    return check


@pytest.fixture
def lines(sealed: World) -> list[str]:
    """The exported log."""
    return list(proofs.export(sealed.host.pk))


def test_the_script_is_a_page_of_80_lines_that_knows_nothing_of_this_program() -> None:
    text = VERIFIER.read_text()
    assert len(text.splitlines()) <= 80
    imported = {
        line.split()[1].split(".")[0].rstrip(",") for line in text.splitlines() if line.startswith(("import ", "from "))
    }
    assert imported == {"argparse", "cryptography"}
    assert next(line for line in text.splitlines() if line.startswith("import ")) == (
        "import argparse, base64, hashlib, json, sys, uuid"
    )


def test_an_outsider_runs_it_on_an_export_with_the_key_they_trust(
    lines: list[str], sealed: World, tmp_path: Path
) -> None:
    (tmp_path / "log.jsonl").write_text("".join(lines))
    with scope(sealed.host.pk):
        newest = Batch.objects.newest()
        assert newest is not None
        known = [f"--key={keys.text(key)}" for key in keys.public_keys().values()]
        kept = [f"--head={newest.number}:{bytes(newest.head).hex()}"]
    found = subprocess.run(
        [sys.executable, "-I", VERIFIER, tmp_path / "log.jsonl", *known, *kept], capture_output=True, text=True, check=False
    )  # fmt: skip
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout == (
        f"intact: {newest.last} events in batches 1 to {newest.number}, head {bytes(newest.head).hex()}\n"
    )


def test_a_key_from_the_file_alone_is_said_to_be_one(lines: list[str], run: Run) -> None:
    assert "the keys are the file's own" in run(lines)


def test_another_key_than_the_trusted_one_is_refused(lines: list[str], run: Run) -> None:
    assert run(lines, "--key", "A" * 43 + "=").startswith("NOT INTACT: batch 1: signed by ")


def test_a_file_that_was_cut_is_found_by_a_head_that_was_kept(lines: list[str], sealed: World, run: Run) -> None:
    number, head = heads.newest(sealed.host.pk) or (0, b"")
    at = max(place for place, line in enumerate(lines) if line.startswith('{"batch"'))
    assert run(lines[:at], "--head", f"{number}:{head.hex()}") == f"NOT INTACT: the file has no batch {number}"
    assert run(lines[:at]).startswith("intact: ")


def test_a_log_in_two_files_is_checked_file_by_file(lines: list[str], sealed: World, run: Run) -> None:
    rest = list(proofs.export(sealed.host.pk, after=1))
    assert [json.loads(line).get("batch", {}).get("number") for line in rest if '"batch":{' in line] == [2, 3]
    assert " in batches 2 to 3, " in run(rest)


def test_an_export_that_is_read_while_work_goes_on_is_whole_and_goes_on_where_it_broke(sealed: World, run: Run) -> None:
    stream, taken = proofs.export(sealed.host.pk), list[str]()
    while '"batch":{' not in (line := next(stream)) or json.loads(line)["batch"]["number"] < 2:
        taken.append(line)
    broken = list(taken)  # the connection ends within batch 2
    happen(sealed.host, 4)
    assert sealing.seal(sealed.host.pk)
    assert " in batches 1 to 4, " in run([*taken, line, *stream])
    assert " in batches 1 to 1, " in run(broken)
    happen(sealed.host, 1)
    assert sealing.seal(sealed.host.pk)
    rest = list(proofs.export(sealed.host.pk, after=1))
    assert " in batches 2 to 5, " in run(rest)
    numbers = [json.loads(one)["event"]["number"] for one in [*broken, *rest] if one.startswith('{"event"')]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_proof_of_one_event_is_checked_too(sealed: World, run: Run) -> None:
    with scope(sealed.host.pk):
        proof = proofs.inclusion(Event.objects.order_by("id")[4].pk)
    assert run([json.dumps(proof)]).startswith(f"intact: event {proof['number']}, ")
    assert run([json.dumps({**proof, "canonical": proof["canonical"] + " "})]).startswith("NOT INTACT")


def test_every_random_change_to_an_export_is_found(lines: list[str], sealed: World, run: Run) -> None:
    """AUDIT_TAMPERINGS=10000 makes it as long as quality.md asks."""
    chance = random.Random(os.environ.get("AUDIT_SEED", "causeway"))
    number, head = heads.newest(sealed.host.pk) or (0, b"")
    kinds = set()
    for _ in range(int(os.environ.get("AUDIT_TAMPERINGS", "150"))):
        what, forged = tampered(lines, chance)
        said = run(forged, "--head", f"{number}:{head.hex()}")
        assert said.startswith("NOT INTACT: "), (what, said)
        kinds.add(what)
    assert len(kinds) > 12


def tampered(lines: list[str], chance: random.Random) -> tuple[str, list[str]]:
    """Change one value, or take out, repeat or exchange lines."""
    forged, at = list(lines), chance.randrange(1, len(lines))
    kind = chance.choice(["value", "value", "value", "delete", "repeat", "exchange"])
    if kind == "delete":
        del forged[at]
    elif kind == "repeat":
        forged.insert(at, forged[at])
    elif kind == "exchange":
        other = (at - 1) if at > 1 else at + 1
        forged[at], forged[other] = forged[other], forged[at]
    else:
        record = json.loads(forged[at])
        [(name, fields)] = record.items()
        field = chance.choice(sorted(fields))
        fields[field] = changed(fields[field], chance)
        forged[at], kind = json.dumps(record) + "\n", f"{name}.{field}"
    return kind, forged


def changed(value: Any, chance: random.Random) -> Any:
    """Another value of the same kind."""
    if isinstance(value, int):
        return value + chance.choice([-1, 1, 1 << 40])
    if isinstance(value, list):
        return [*value, "00" * 32] if not value or chance.random() < 0.5 else value[:-1]
    at = chance.randrange(len(value))
    return value[:at] + ("0" if value[at] != "0" else "1") + value[at + 1 :]


def test_the_heads_stand_in_a_file_that_only_grows(sealed: World, settings: Any) -> None:
    noted = (settings.STATE_DIR / "heads" / str(sealed.host.pk)).read_text().split("\n")
    with scope(sealed.host.pk):
        batches = Batch.objects.order_by("number")
        assert noted == [*(f"{batch.number} {bytes(batch.head).hex()}" for batch in batches), ""]


def test_the_log_leaves_as_a_table_and_as_ocsf_and_goes_on_after_a_batch(sealed: World, client_of: ClientOf) -> None:
    client = client_of(sealed.owner)
    place = f"/o/{sealed.host.slug}/admin/audit/export"
    with scope(sealed.host.pk):
        total, first = Event.objects.count(), Batch.objects.order_by("number")[0]
    rows = list(csv.DictReader(io.StringIO(b"".join(client.get(f"{place}.csv")).decode())))
    assert [int(row["number"]) for row in rows] == list(range(1, total + 1))
    assert rows[0]["at"].endswith("+00:00")
    rest = list(csv.DictReader(io.StringIO(b"".join(client.get(f"{place}.csv?after=1")).decode())))
    assert rest == rows[first.size :]
    events = [json.loads(line) for line in b"".join(client.get(f"{place}.ocsf")).decode().splitlines()]
    assert [one["metadata"]["sequence"] for one in events] == list(range(1, total + 1))
    assert {(one["class_uid"], one["type_uid"]) for one in events} == {(3004, 300499)}
    assert events[0]["activity_name"] == rows[0]["action"]
    for one in events:  # what version 1.4.0 demands of the class and of the objects in it
        assert one.keys() >= REQUIRED
        assert {"product", "version"} <= one["metadata"].keys()
        assert one["metadata"]["version"] == "1.4.0"
        assert one["metadata"]["product"]["vendor_name"]
        assert one["entity"]["uid"]
        assert {"uid", "name"} & one["actor"]["user"].keys()
    assert client.get(f"{place}.csv?after=x").status_code == 400
    assert client.get(f"{place}.pdf").status_code == 404


def test_the_command_exports_in_every_format(sealed: World, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("audit", "export", organization=sealed.host.slug, kind="ocsf", after=2)
    assert {json.loads(line)["unmapped"]["batch"] for line in capsys.readouterr().out.splitlines()} == {3}


def test_the_page_hands_the_script_out(sealed: World, client_of: ClientOf) -> None:
    client = client_of(sealed.owner)
    assert client.get(f"/o/{sealed.host.slug}/admin/audit/verify_log.py").content.decode() == VERIFIER.read_text()
