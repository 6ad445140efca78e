"""An import that lost its worker is found and goes on by itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.rosters.actions.upload_roster import upload_roster
from onboarding.rosters.models import RosterImport
from onboarding.rosters.resume import resume_stalled
from tenancy.scope import scope


@pytest.mark.django_db(transaction=True, databases=["default", "steward"])
@pytest.mark.transactional
def test_only_an_import_that_stands_still_is_resumed(world, actor):
    with scope(world.host.pk):
        roster = upload_roster(b"Name\nA\nB\n", "sites.csv", by=actor)
        roster.map_columns(roster.mapping, by=actor)
        roster.preview(by=actor)
    assert resume_stalled() == 0
    with scope(world.host.pk):
        RosterImport.objects.update(moved_at=timezone.now() - timedelta(minutes=1))
    assert resume_stalled() == 1
    with scope(world.host.pk):
        assert RosterImport.objects.get().state == "previewed"
    assert resume_stalled() == 0
