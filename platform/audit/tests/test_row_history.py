"""Whatever writes a row, one image of it is kept: the triggers are asked for by the model and made for every table."""

from uuid import RFC_4122, UUID

import pytest
from django.db import connection, transaction
from django.db.models import F

from accounts.models import Membership, MembershipSite
from audit.models import RowImage
from tenancy import schema
from tenancy.models import Site, TenantModel
from tenancy.scope import scope
from testing.cast import World
from testing.rows import filled

KEPT = [model for model in schema.tenant_models() if model.history]


def images(row_id: UUID) -> list[str]:
    return list(RowImage.objects.filter(row_id=row_id).order_by("id").values_list("operation", flat=True))


def let_any_value_stand(table: str) -> None:
    """Checks and keys are not the subject here; the transaction is undone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select conname from pg_constraint where conrelid = %s::regclass"
            " and (contype in ('c', 'x') or (contype = 'u' and cardinality(conkey) = 1))",
            [f'"{table}"'],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'alter table "{table}" drop constraint "{name}"')
        cursor.execute(
            "select tgname from pg_trigger where tgrelid = %s::regclass and not tgisinternal and tgname !~ '^history_'",
            [f'"{table}"'],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'alter table "{table}" disable trigger "{name}"')


@pytest.mark.django_db(transaction=True)
def test_every_way_of_writing_leaves_one_image_a_row_in_every_table(
    world: World, as_administrator: None, subtests: pytest.Subtests
) -> None:
    assert len(KEPT) > 10
    for model in KEPT:
        with subtests.test(model._meta.db_table):
            write_in_every_way(model, world.host.pk)


def write_in_every_way(model: type[TenantModel], host: UUID) -> None:
    table = model._meta.db_table
    with scope(host), connection.cursor() as cursor:
        let_any_value_stand(table)
        saved, *bulk = [filled(model, host, number) for number in (1001, 1002, 1003)]
        saved.save_base(force_insert=True)
        model._base_manager.bulk_create(bulk)
        assert [images(row.pk) for row in (saved, *bulk)] == [["insert"]] * 3
        changed = filled(model, host, 1004)
        changed.pk = saved.pk
        changed.save_base(force_update=True)
        assert images(saved.pk) == ["insert", "update"]
        everything = model._base_manager.filter(pk__in=[row.pk for row in (saved, *bulk)])
        name = next(
            field.name for field in model._meta.local_concrete_fields if field.name not in {"id", "organization"}
        )
        everything.update(**{name: F(name)})
        assert images(bulk[0].pk) == ["insert", "update"]
        cursor.execute(f'update "{table}" set organization_id = organization_id where id = %s', [bulk[1].pk])  # noqa: S608
        assert images(bulk[1].pk) == ["insert", "update", "update"]
        cursor.execute(f'delete from "{table}" where id = %s', [saved.pk])  # noqa: S608
        assert images(saved.pk) == ["insert", "update", "update", "delete"]
        everything._raw_delete("default")
        assert images(bulk[0].pk) == ["insert", "update", "delete"]
        transaction.set_rollback(True)


def test_a_cascade_leaves_an_image_of_every_row_it_takes(world: World) -> None:
    with scope(world.host.pk):
        member = Membership.objects.active().get(user=world.manager)
        site = Site(name="Main Street")
        site.save(force_insert=True)
        limit = MembershipSite(membership=member, site=site)
        limit.save(force_insert=True)
        gone = [limit.pk, site.pk]
        site.delete()
        assert [images(pk) for pk in gone] == [["insert", "delete"]] * 2


def test_an_image_shows_the_row_as_it_became(world: World) -> None:
    with scope(world.host.pk):
        site = Site(name="Main Street")
        site.save(force_insert=True)
        Site.objects.filter(pk=site.pk).update(name="High Street")
        found = list(RowImage.objects.filter(row_id=site.pk).order_by("id").values_list("image__name", flat=True))
    assert found == ["Main Street", "High Street"]


def test_the_images_of_one_transaction_stand_in_the_order_of_its_changes(world: World) -> None:
    names = [f"Street {number}" for number in range(200)]
    with scope(world.host.pk):
        site = Site(name="Main Street")
        site.save(force_insert=True)
        for name in names:
            Site.objects.filter(pk=site.pk).update(name=name)
        kept = RowImage.objects.filter(row_id=site.pk).order_by("id")
        assert list(kept.values_list("image__name", flat=True)) == ["Main Street", *names]
        assert {(one.pk.version, one.pk.variant) for one in kept} == {(7, RFC_4122)}


def test_a_change_is_undone_with_its_image(world: World) -> None:
    with scope(world.host.pk):
        before = RowImage.objects.count()
        with transaction.atomic():
            Site(name="Main Street").save(force_insert=True)
            transaction.set_rollback(True)
        assert (Site.objects.count(), RowImage.objects.count()) == (0, before)
