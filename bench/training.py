"""Training at size: who is trained at a deployment, and every record as one file."""

import os
import resource
import time
from collections.abc import Iterator
from datetime import date

import psycopg
from django.conf import settings
from django.db import connection
from django.utils import timezone

from bench.ground import Ground
from bench.lines import RUNS, Line, slope
from bench.measure import measure
from onboarding.deployments.models import Deployment
from tenancy.models import Site
from tenancy.scope import scope
from testing import databases
from training.courses.document import CONTENT, load_course
from training.courses.models import CourseVersion
from training.courses.roles import ROLES
from training.learning.coverage import coverage_of
from training.learning.matrix import matrix
from training.learning.models import Assignment, Rollout
from training.learning.records import ROWS, parameters, records_csv

SMALL, LARGE = (2_000, 4), (200_000, 50)
"""People, and the sites they work at."""
COURSES = 5
"""Records of each person."""


def coverage(ground: Ground) -> Iterator[Line]:
    """Coverage of people who have passed half of five courses: of a site, and of all; then all records as a file."""
    people, places = LARGE if os.environ.get("BENCH_TRAINING") == "large" else SMALL
    with scope(ground.host.pk):
        versions = [
            CourseVersion.adopt(load_course(folder.parent), by=ground.by(), source="library")
            for folder in sorted(CONTENT.glob("*/course.yaml"))[:COURSES]
        ]
        deployments = [ground.plan() for _ in range(places)]
        for deployment in deployments:
            _introduce(ground, deployment)
    _fill(deployments, versions, people)
    with scope(ground.host.pk):
        records = Assignment.objects.count()
        one = deployments[0].pk
        cost = measure(lambda number: None, lambda nothing: coverage_of([one]), RUNS)
        yield Line(f"coverage of a site with {people // places:,} people", cost)
        rollouts, today = list(Rollout.objects.running().for_page()), timezone.localdate()
        few = measure(lambda number: None, lambda nothing: matrix(rollouts[:1], today, from_facts=False), RUNS)
        before = _memory()
        cost = measure(lambda number: None, lambda nothing: matrix(rollouts, today, from_facts=False), RUNS // 3)
        grown = _memory() - before
        growth = slope(few, cost, places)
        yield Line(
            f"matrix of {len(rollouts)} sites, {records:,} records",
            cost,
            slope=growth,
            note=f"{grown:.1f} MB more memory",
        )
        yield from _export(timezone.localdate(), records)


def _memory() -> float:
    """The most this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _export(today: date, records: int) -> Iterator[Line]:
    before = _memory()
    started = time.perf_counter()
    parts = records_csv(today)
    size = len(next(parts)) + len(next(parts))
    first = time.perf_counter() - started
    size += sum(map(len, parts))
    took = time.perf_counter() - started
    grown = _memory() - before
    started = time.perf_counter()
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy ({ROWS}) to stdout (format csv)", parameters(today)) as copied,
    ):
        for _piece in copied:
            pass
    raw = time.perf_counter() - started
    yield Line(
        f"export of {records:,} records, {size / 1_000_000:.0f} MB",
        figure=f"{took:.1f} s, {took / raw:.2f} x COPY; first bytes {first * 1000:.0f} ms; {grown:.1f} MB more memory",
        goal="3 x COPY, 300 ms, flat",
    )


def _introduce(ground: Ground, deployment: Deployment) -> None:
    if not Rollout.objects.filter(pk=deployment.pk).exists():
        site = Site.objects.get(pk=deployment.site_id)
        Rollout.introduce(
            deployment.pk, title="Stillwater CBT", tool_version="4.2", site=site, go_live_on=deployment.go_live_on,
            by=ground.by(),
        )  # fmt: skip


def _fill(deployments: list[Deployment], versions: list[CourseVersion], people: int) -> None:
    """Write learners, assignments and, for every second record, a completion, as the owner and without triggers."""
    url = databases.with_database(os.environ["DATABASE_ADMIN_URL"], str(settings.DATABASES["default"]["NAME"]))
    names = {
        "org": deployments[0].organization_id,
        "sites": [deployment.site_id for deployment in deployments],
        "deployments": [deployment.pk for deployment in deployments],
        "places": len(deployments),
        "roles": list(ROLES),
        "kinds": len(ROLES),
        "people": people,
    }
    with psycopg.connect(url) as direct:
        direct.execute("set session_replication_role = replica")
        columns = "id, email, name, password, time_zone, language, theme, compact, shortcuts, is_active, is_staff, is_superuser, created_at"
        direct.execute(
            f"insert into accounts_user ({columns}) select md5('u' || n)::uuid, 'bench.' || n || '@host.example',"  # noqa: S608
            " 'Learner ' || n, '', '', 'en-us', '', false, true, true, false, false, now()"
            " from generate_series(1, %(people)s) n on conflict do nothing",
            names,
        )
        direct.execute(
            "insert into learning_learnerprofile (id, organization_id, user_id, job_role, site_id, started_on)"
            " select md5('l' || n)::uuid, %(org)s, md5('u' || n)::uuid, (%(roles)s::text[])[1 + n %% %(kinds)s],"
            " (%(sites)s::uuid[])[1 + n %% %(places)s], current_date - 100"
            " from generate_series(1, %(people)s) n on conflict do nothing",
            names,
        )
        for number, version in enumerate(versions):
            row = {**names, "course": version.course_id, "version": version.pk, "number": number}
            direct.execute(
                "insert into learning_assignment (id, organization_id, learner_id, user_id, course_id, version_id, site_id,"
                " deployment_id, required, due_on, cycle, assigned_at)"
                " select md5('a' || %(number)s || '-' || n)::uuid, %(org)s, md5('l' || n)::uuid, md5('u' || n)::uuid,"
                " %(course)s, %(version)s, (%(sites)s::uuid[])[1 + n %% %(places)s], (%(deployments)s::uuid[])[1 + n %% %(places)s],"
                " true, current_date + 30, 1, now()"
                " from generate_series(1, %(people)s) n on conflict do nothing",
                row,
            )
            direct.execute(
                "insert into learning_completion (id, organization_id, assignment_id, user_id, course_id, version_id, kind,"
                " cycle, marks, printed_name, code, passed_at, expires_on, revoked_because)"
                " select md5('c' || %(number)s || '-' || n)::uuid, %(org)s, md5('a' || %(number)s || '-' || n)::uuid,"
                " md5('u' || n)::uuid, %(course)s, %(version)s, 'passed', 1, (select marks from courses_courseversion"
                " where id = %(version)s), 'Learner ' || n, md5('k' || %(number)s || '-' || n), now(), current_date + 300, ''"
                " from generate_series(1, %(people)s, 2) n on conflict do nothing",
                row,
            )
    with psycopg.connect(url, autocommit=True) as direct:
        direct.execute("analyze learning_assignment, learning_completion, learning_learnerprofile, accounts_user")
