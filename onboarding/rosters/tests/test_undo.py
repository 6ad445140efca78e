"""An import is undone whole or not at all."""

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Membership
from accounts.models.membership import MembershipSite
from audit.models import Event
from onboarding.rosters.actions.undo_import import UndoRefusedError, undo_import
from onboarding.rosters.models.roster_import import WrongMomentError
from onboarding.rosters.models.roster_row import digest
from onboarding.rosters.snapshots import snapshot
from onboarding.rosters.tests.conftest import ACTOR, finish, preview
from tenancy.models import Site

HEADER = b"Name,Street,ZIP,State,Phone\n"


def sites_hash():
    return digest([[str(site.pk), snapshot(site)] for site in Site.objects.order_by("pk")])


def test_undo_removes_what_was_created_and_restores_what_was_changed(at_host, reference, imported, actor):
    imported(HEADER + b"North,1 Main St,06708,CT,203-555-0100\n")
    before = sites_hash()
    roster = imported(HEADER + b"North,1 Main St,06708,CT,203-555-0199\nSouth,2 Main St,06708,CT,\n")
    assert sites_hash() != before
    undo_import(roster, by=actor)
    assert (roster.state, roster.counts["removed"], roster.counts["restored"]) == ("undone", 1, 1)
    assert sites_hash() == before
    assert Event.objects.filter(action__in=["site.removed_by_undo", "site.restored_by_undo"]).count() == 2


def test_undone_twice_it_is_undone_once(at_host, reference, imported, actor):
    roster = imported(HEADER + b"North,1 Main St,06708,CT,\n")
    undo_import(roster, by=actor)
    undo_import(roster, by=actor)
    assert Event.objects.filter(action="roster_import.undone").count() == 1


def test_a_site_edited_since_stands_in_the_way_and_nothing_is_undone(at_host, reference, imported, actor):
    roster = imported(HEADER + b"North,1 Main St,06708,CT,\nSouth,2 Main St,06708,CT,\n")
    Site.objects.filter(name="North").update(phone="203-555-0111", updated_at=timezone.now())
    before = sites_hash()
    with pytest.raises(UndoRefusedError, match="North was edited since") as refused:
        undo_import(roster, by=actor)
    assert [hold.name for hold in refused.value.holds] == ["North"]
    roster.refresh_from_db()
    assert (roster.state, sites_hash()) == ("imported", before)


def test_a_site_in_use_stands_in_the_way_and_nothing_is_undone(at_host, reference, imported, actor):
    roster = imported(HEADER + b"North,1 Main St,06708,CT,\n")
    member = Membership.objects.active().get(user=at_host.contributor)
    MembershipSite(membership=member, site=Site.objects.get()).save()
    with pytest.raises(UndoRefusedError, match="North is in use by a membership site"):
        undo_import(roster, by=actor)
    assert (Site.objects.count(), MembershipSite.objects.count()) == (1, 1)


def test_only_what_came_in_can_be_undone(at_host, reference, previewed, actor):
    roster = previewed(HEADER + b"North,1 Main St,06708,CT,\n")
    with pytest.raises(WrongMomentError):
        undo_import(roster, by=actor)


cell = st.sampled_from(
    ["", "North", "NORTH", "South ", "1 Main St", "6708", "06708", "99999", "CT", "XX", "203 555 0100", "  "]
)
row = st.tuples(cell, cell, cell, cell, cell)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    first=st.lists(row, min_size=1, max_size=6), second=st.lists(row, min_size=1, max_size=6), batch=st.integers(1, 4)
)
def test_no_row_is_lost_or_doubled_and_undo_restores_the_sites(at_host, reference, first, second, batch):
    def bring_in(rows):
        text = HEADER.decode() + "".join(",".join(cells) + "\n" for cells in rows) + "end,of,99999,,file\n"
        mapping = {"name": "Name", "street": "Street", "postal_code": "ZIP", "state": "State", "phone": "Phone"}
        roster = preview(text.encode(), mapping=mapping)
        roster.start(by=ACTOR)
        return finish(roster, batch=batch)

    one = bring_in(first)
    before = sites_hash()
    two = bring_in(second)
    for roster in (one, two):
        found = sum(roster.counts[name] for name in ("created", "updated", "unchanged", "repeated", "refused"))
        assert found == roster.row_count == roster.done_rows
    undo_import(two, by=ACTOR)
    assert sites_hash() == before
    undo_import(one, by=ACTOR)
    assert Site.objects.count() == 0
