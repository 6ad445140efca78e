"""An import that lost its worker is found and goes on by itself."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection
from django.utils import timezone

from audit.models import Event
from onboarding.rosters.actions.advance import advance_once
from onboarding.rosters.actions.upload_roster import upload_roster
from onboarding.rosters.models import RosterImport
from onboarding.rosters.resume import resume_stalled
from tenancy.models import Site
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


DIE_AFTER_CREATING = """
import os, signal, sys, uuid
import django
django.setup()
from onboarding.rosters.actions import advance
from tenancy.scope import scope
create = advance._create
def create_and_die(*arguments):
    create(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
advance._create = create_and_die
with scope(uuid.UUID(sys.argv[1])):
    advance.advance_import(uuid.UUID(sys.argv[2]))
"""


@pytest.mark.django_db(transaction=True, databases=["default", "steward"])
@pytest.mark.transactional
def test_a_worker_killed_after_writing_sites_leaves_none_behind_and_the_next_one_goes_on(world, actor):
    text = b"Name\n" + b"".join(b"Site %d\n" % number for number in range(5))
    with scope(world.host.pk):
        roster = upload_roster(text, "sites.csv", by=actor)
        roster.map_columns(roster.mapping, by=actor)
        roster.preview(by=actor)
        advance_once(roster)
        roster.start(by=actor)
        advance_once(roster, batch=2)
    killed = subprocess.run(
        [sys.executable, "-c", DIE_AFTER_CREATING, str(world.host.pk), str(roster.pk)],
        env={**os.environ, "DATABASE_URL": _here(), "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    with scope(world.host.pk):
        roster = RosterImport.objects.get()
        assert (roster.state, roster.done_rows, Site.objects.count()) == ("importing", 2, 2)
        RosterImport.objects.update(moved_at=timezone.now() - timedelta(minutes=1))
    assert resume_stalled() == 1
    with scope(world.host.pk):
        roster = RosterImport.objects.get()
        assert (roster.state, roster.counts["created"], Site.objects.count()) == ("imported", 5, 5)
        assert Event.objects.filter(action="site.imported").count() == 5


def _here() -> str:
    """The address of the test's own database."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))
