"""The log is numbered, chained and signed behind the verbs' backs, and nothing that was changed afterwards passes."""

import base64
import json
import os
import random
import stat
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from audit import keys, proofs, sealing, tree
from audit.models import Batch, Event, Leaf
from audit.tests.sealed_log import happen
from audit.verification import verify
from tenancy.scope import scope
from testing.cast import World
from testing.settling import settle

pytestmark = [
    pytest.mark.django_db(transaction=True, databases=["default", "steward"]),
    pytest.mark.usefixtures("own_state"),
]


def test_batches_are_numbered_without_gaps_and_chained(sealed: World) -> None:
    with scope(sealed.host.pk):
        batches = list(Batch.objects.order_by("number"))
        total = Event.objects.count()
        assert list(Leaf.objects.order_by("number").values_list("number", flat=True)) == list(range(1, total + 1))
    assert [batch.number for batch in batches] == [1, 2, 3]
    assert [batch.size for batch in batches[1:]] == [1, 9]
    assert bytes(batches[0].previous_head) == tree.NOTHING
    assert [bytes(batch.previous_head) for batch in batches[1:]] == [bytes(batch.head) for batch in batches[:-1]]
    assert batches[-1].last == total


def test_an_intact_log_verifies(sealed: World) -> None:
    report = verify(sealed.host.pk)
    assert (report.faults, report.batches, report.unsealed) == ([], 3, 0)
    assert report.images >= 15


def test_nothing_new_makes_no_batch(sealed: World) -> None:
    assert sealing.seal(sealed.host.pk) is None
    with scope(sealed.host.pk):
        assert Batch.objects.count() == 3


def test_an_event_that_is_not_committed_yet_waits_for_its_turn(sealed: World) -> None:
    with transaction.atomic():
        happen(sealed.host, 1)
        assert sealing.seal(sealed.host.pk) is None
    settle()
    batch = sealing.seal(sealed.host.pk)
    assert batch is not None
    assert batch.size == 1


def test_the_worker_finds_every_organization_with_news(sealed: World) -> None:
    sealer = sealing.Sealer()
    sealer.look()
    happen(sealed.host, 2)
    happen(sealed.elsewhere, 1)
    assert sealer.look() == 2
    assert sealer.look() == 0
    assert [verify(found.pk).unsealed for found in (sealed.host, sealed.elsewhere, sealed.vendor)] == [0, 0, 0]


def test_a_large_backlog_is_cut_between_transactions(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "LARGEST", 4)
    happen(world.host, 10)
    sizes = []
    while batch := sealing.seal(world.host.pk):
        sizes.append(batch.size)
    assert max(sizes) <= 10
    assert len(sizes) >= 3
    assert verify(world.host.pk).faults == []


def test_the_signing_key_is_closed_to_others(sealed: World, settings: object) -> None:
    path = settings.STATE_DIR / "keys" / "audit.key"  # type: ignore[attr-defined]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_log_stays_good_when_the_key_is_replaced(sealed: World, settings: object) -> None:
    (settings.STATE_DIR / "keys" / "audit.key").unlink()  # type: ignore[attr-defined]
    happen(sealed.host, 1)
    batch = sealing.seal(sealed.host.pk)
    assert batch is not None
    with scope(sealed.host.pk):
        assert len(set(Batch.objects.values_list("key_id", flat=True))) == 2
    assert verify(sealed.host.pk).faults == []


def test_after_a_rotation_new_heads_have_the_new_key_and_old_ones_still_verify(sealed: World, settings: object) -> None:
    said = StringIO()
    with scope(sealed.host.pk):
        before = {batch.key_id for batch in Batch.objects.all()}
    call_command("audit", "rotate", stdout=said)
    happen(sealed.host, 1)
    batch = sealing.seal(sealed.host.pk)
    assert batch is not None
    assert batch.key_id not in before
    assert batch.key_id in said.getvalue()
    report = verify(sealed.host.pk)
    assert (report.faults, report.batches) == ([], 4)
    assert stat.S_IMODE((settings.STATE_DIR / "keys" / "audit.key").stat().st_mode) == 0o600  # type: ignore[attr-defined]


def test_a_key_of_the_environment_is_exchanged_there(sealed: World, settings: Any) -> None:
    first = base64.b64encode(bytes(range(32))).decode()
    settings.AUDIT_SIGNING_KEY, settings.AUDIT_FORMER_KEYS = first, []
    happen(sealed.host, 1)
    assert sealing.seal(sealed.host.pk)
    said = StringIO()
    call_command("audit", "rotate", stdout=said, stderr=StringIO())
    words = dict(line.split("=", 1) for line in said.getvalue().splitlines())
    assert words["AUDIT_SIGNING_KEY"] != first
    settings.AUDIT_SIGNING_KEY, settings.AUDIT_FORMER_KEYS = words["AUDIT_SIGNING_KEY"], []
    assert not verify(sealed.host.pk).intact  # whoever forgets the former keys hears of it
    settings.AUDIT_FORMER_KEYS = words["AUDIT_FORMER_KEYS"].split(",")
    happen(sealed.host, 1)
    assert sealing.seal(sealed.host.pk)
    assert verify(sealed.host.pk).faults == []


def test_a_former_key_that_is_none_is_named_by_its_file(sealed: World, settings: Any) -> None:
    (settings.STATE_DIR / "keys" / "audit-0123456789abcdef.pub").write_text("no key")
    with pytest.raises(ImproperlyConfigured, match=r"keys/audit-0123456789abcdef\.pub: expected 32 bytes"):
        keys.public_keys()


def test_a_server_that_counts_from_before_the_log_is_refused(sealed: World, as_administrator: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("update audit_batch set through = through + 1000000")
    with pytest.raises(sealing.CounterBehind, match="audit advance"):
        sealing.seal(sealed.host.pk)


def test_every_column_of_an_event_is_in_its_canonical_bytes(sealed: World) -> None:
    for table, model in (("audit_event", Event), ("audit_rowimage", sealing_image())):
        with scope(sealed.host.pk), connection.cursor() as cursor:
            cursor.execute(f"select audit_canonical(t) from {table} t limit 1")  # noqa: S608
            words = json.loads(bytes(cursor.fetchone()[0]))
        assert sorted(words) == list(words)
        assert set(words) - {"v"} == {field.column for field in model._meta.concrete_fields}


def sealing_image() -> type:
    from audit.models import RowImage

    return RowImage


def test_the_export_is_checked_with_hashlib_and_the_public_key_alone(sealed: World) -> None:
    lines = [json.loads(line) for line in proofs.export(sealed.host.pk)]
    header, batches = lines[0], {line["batch"]["number"]: line["batch"] for line in lines if "batch" in line}
    events = [line["event"] for line in lines if "event" in line]
    assert [event["number"] for event in events] == list(range(1, len(events) + 1))
    assert set(header["keys"]) == {batch["key_id"] for batch in batches.values()}
    for event in events:
        batch = batches[event["of_batch"]]
        found = tree.leaf(bytes.fromhex(event["salt"]), event["canonical"].encode())
        path = [bytes.fromhex(step) for step in event["path"]]
        assert tree.leads_to(found, event["index"], batch["size"], path, bytes.fromhex(batch["root"]))
        assert not tree.leads_to(found, event["index"], batch["size"], path, bytes.fromhex(batch["head"]))
        forged = tree.leaf(bytes.fromhex(event["salt"]), event["canonical"].encode() + b" ")
        assert not tree.leads_to(forged, event["index"], batch["size"], path, bytes.fromhex(batch["root"]))


def test_a_proof_of_one_event_is_at_most_2_kilobytes_beside_the_event(sealed: World) -> None:
    for _ in range(12):
        keys.rotate()
    with scope(sealed.host.pk):
        event = Event.objects.order_by("id").first()
        assert event is not None
        proof = proofs.inclusion(event.pk)
    assert json.loads(proof["canonical"])["id"] == str(event.pk)
    assert list(proof["keys"]) == [proof["batch"]["key_id"]]
    largest = {**proof, "canonical": "", "path": ["00" * 32] * (sealing.LARGEST - 1).bit_length()}
    assert len(json.dumps(largest)) <= 2048


def test_the_proofs_of_a_whole_batch_cost_one_tree() -> None:
    leaves = [tree.leaf(b"", str(number).encode()) for number in range(11)]
    made = tree.levels(leaves)
    assert made[-1] == [tree.root(leaves)]
    for index, found in enumerate(leaves):
        assert tree.leads_to(found, index, len(leaves), tree.path(made, index), tree.root(leaves))
    for outside in (-1, 11):
        with pytest.raises(IndexError):
            tree.path(made, outside)


def test_the_command_says_intact_and_how_fast(sealed: World, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("audit", "verify", organization="host")
    told = capsys.readouterr().out
    assert "host: intact: " in told
    assert "bare hashlib" in told


def test_the_command_names_the_first_bad_event(
    sealed: World, as_administrator: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with scope(sealed.host.pk), connection.cursor() as cursor:
        bad = Leaf.objects.get(number=3).event_id
        cursor.execute("update audit_event set data = '{}' where id = %s or id in (select event_id from audit_leaf"
                       " where number = 7 and organization_id = %s)", [bad, sealed.host.pk])  # fmt: skip
    with pytest.raises(CommandError, match="1 logs are not intact"):
        call_command("audit", "verify")
    assert f"The first bad one: event 3 ({bad}): it is not what was sealed" in capsys.readouterr().out


# --- Tampering ---------------------------------------------------------------------------------------------------------

Tamper = Callable[[random.Random, str], str | None]
"""Returns what was done, or None where nothing was changed."""

SPARED = {("audit_leaf", "id")}  # a leaf's own id says nothing
OTHER = {
    "uuid": "gen_random_uuid()",
    "jsonb": "{0} || jsonb_build_object('x', random())",
    "bytea": "set_byte({0}, 0, (get_byte({0}, 0) + 1) %% 256)",
    "character varying": "'~' || substr({0}, 2)",
    "timestamp with time zone": "{0} + interval '1 microsecond'",
    "bigint": "{0} + 1000",
    "integer": "{0} + 1",
    "xid8": "({0}::text::bigint + 1)::text::xid8",
}


def run(statement: str, *values: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def one(statement: str, *values: object) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


def change_a_column(chance: random.Random, organization: str) -> str | None:
    table = chance.choice(["audit_event", "audit_leaf", "audit_batch", "audit_rowimage"])
    with connection.cursor() as cursor:
        cursor.execute(
            "select column_name, data_type from information_schema.columns where table_name = %s order by 1", [table]
        )
        column, kind = chance.choice([row for row in cursor.fetchall() if (table, row[0]) not in SPARED])
    row = pick(chance, table, organization)
    new = OTHER[kind].format(f'"{column}"')
    if one(f'select "{column}" is null from {table} where id = %s', row):  # noqa: S608
        new = {"uuid": "gen_random_uuid()"}[kind]
    run(f'update {table} set "{column}" = {new} where id = %s', row)  # noqa: S608
    return f"{table}.{column}"


def delete_a_row(chance: random.Random, organization: str) -> str | None:
    table = chance.choice(["audit_event", "audit_leaf", "audit_batch", "audit_rowimage"])
    run(f"delete from {table} where id = %s", pick(chance, table, organization))  # noqa: S608
    return f"{table} deleted"


def exchange_two_events(chance: random.Random, organization: str) -> str | None:
    first, second = pick(chance, "audit_event", organization), pick(chance, "audit_event", organization)
    if first == second or one(
        "select (select data from audit_event where id = %s) = (select data from audit_event where id = %s)",
        first,
        second,
    ):
        return None
    run(
        "update audit_event e set data = o.data from audit_event o"
        " where (e.id = %s and o.id = %s) or (e.id = %s and o.id = %s)",
        first, second, second, first,
    )  # fmt: skip
    return "exchange two events"


def exchange_two_leaves(chance: random.Random, organization: str) -> str | None:
    first, second = pick(chance, "audit_leaf", organization), pick(chance, "audit_leaf", organization)
    if first == second:
        return None
    numbers = [one("select number from audit_leaf where id = %s", row) for row in (first, second)]
    run("update audit_leaf set number = -1 where id = %s", first)
    run("update audit_leaf set number = %s where id = %s", numbers[0], second)
    run("update audit_leaf set number = %s where id = %s", numbers[1], first)
    return "exchange two leaves"


def slip_an_event_in(chance: random.Random, organization: str) -> str | None:
    table = chance.choice(["audit_event", "audit_rowimage"])
    columns = one(
        "select string_agg(quote_ident(column_name), ', ') from information_schema.columns"
        " where table_name = %s and column_name <> 'id'", table
    )  # fmt: skip
    run(
        f"insert into {table} (id, {columns}) select uuid7(), {columns} from {table} where id = %s",  # noqa: S608
        pick(chance, table, organization),
    )
    return f"{table} inserted"


def cut_the_end_off(chance: random.Random, organization: str) -> str | None:
    keep = chance.choice([0, 1, 2])
    run(
        "delete from audit_event e using audit_leaf l, audit_batch b where l.event_id = e.id and l.batch_id = b.id and b.number > %s and b.organization_id = %s",
        keep,
        organization,
    )
    run(
        "delete from audit_leaf l using audit_batch b where l.batch_id = b.id and b.number > %s and b.organization_id = %s",
        keep,
        organization,
    )
    run("delete from audit_batch where number > %s and organization_id = %s", keep, organization)
    return "cut"


def seal_again_after_a_change(chance: random.Random, organization: str) -> str | None:
    """The careful forger: the event, its leaf and the root are made to agree; the signature cannot be."""
    leaf = pick(chance, "audit_leaf", organization)
    run(
        "update audit_event set actor_id = gen_random_uuid() where id = (select event_id from audit_leaf where id = %s)",
        leaf,
    )
    run(
        "update audit_leaf l set hash = sha256('\\x00'::bytea || l.salt || audit_canonical(e))"
        " from audit_event e where e.id = l.event_id and l.id = %s", leaf
    )  # fmt: skip
    batch = Batch.objects.get(pk=one("select batch_id from audit_leaf where id = %s", leaf))
    leaves = Leaf.objects.filter(batch=batch).order_by("number").values_list("hash", flat=True)
    batch.root = tree.root([bytes(value) for value in leaves])
    run("update audit_batch set root = %s, head = %s where id = %s", batch.root, batch.computed_head(), batch.pk)
    return "forge"


TAMPERINGS: list[Tamper] = [
    change_a_column, change_a_column, change_a_column, delete_a_row, exchange_two_events, exchange_two_leaves,
    slip_an_event_in, cut_the_end_off, seal_again_after_a_change,
]  # fmt: skip


def pick(chance: random.Random, table: str, organization: str) -> object:
    with connection.cursor() as cursor:
        if table == "audit_rowimage":
            cursor.execute(
                "select id from audit_rowimage where organization_id = %s and xact < (select max(through) from audit_batch"
                " where organization_id = %s)::text::xid8 order by id", [organization, organization],
            )  # fmt: skip
        else:
            cursor.execute(f"select id from {table} where organization_id = %s order by id", [organization])  # noqa: S608
        return chance.choice([row for (row,) in cursor.fetchall()])


@pytest.mark.asvs("V16.4.2")
def test_random_tampering_is_always_found(sealed: World, as_administrator: None) -> None:
    """AUDIT_TAMPERINGS=10000 makes it as long as quality.md asks."""
    wanted, done, kinds = int(os.environ.get("AUDIT_TAMPERINGS", "150")), 0, set()
    chance = random.Random(os.environ.get("AUDIT_SEED", "causeway"))
    while done < wanted:
        with transaction.atomic():
            run("set local session_replication_role = replica")  # no key stands in the forger's way
            with scope(sealed.host.pk):
                what = chance.choice(TAMPERINGS)(chance, str(sealed.host.pk))
                if what is not None:
                    assert verify(sealed.host.pk).faults, what
                    kinds.add(what)
                    done += 1
            transaction.set_rollback(True)
    assert verify(sealed.host.pk).faults == []
    assert len(kinds) > 20


def test_the_bad_event_itself_is_named(sealed: World, as_administrator: None) -> None:
    with scope(sealed.host.pk):
        total = Leaf.objects.count()
    for number in range(1, total + 1):
        with scope(sealed.host.pk):
            run("update audit_event set at = at + interval '1 second' where id ="
                " (select event_id from audit_leaf where number = %s and organization_id = %s)", number, sealed.host.pk)  # fmt: skip
            first = verify(sealed.host.pk).first_fault
            assert first is not None
            assert first.number == number
            transaction.set_rollback(True)
