"""Every training record of an organization as one CSV, read by COPY and sent as it is read: a million rows need no memory."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import connection

from tenancy.scope import current
from training.learning.calendar import organization_zone

FILE_CHUNK = 64 * 1024
HEADINGS = (
    "Person", "E-mail", "Job role", "Site", "Course", "Version", "Counts", "Assigned", "Due", "Left", "State", "How", "Passed",
    "Valid until",
)  # fmt: skip

# A text that begins like a formula is marked as text, as `web.tables.harmless` does.
_HARMLESS = "case when ltrim({0}, ' ') ~ '^[=+@|%%\\-\\t\\r\\n＝＋－＠]' then '''' || {0} else {0} end"

# The completion that counts: neither revoked nor expired, and with every mark the current version asks for.
ROWS = f"""
select {_HARMLESS.format("u.name")}, {_HARMLESS.format("u.email")}, l.job_role, {_HARMLESS.format("s.name")},
       {_HARMLESS.format("c.title")}, v.version, case when a.required then 'yes' else 'no' end, (a.assigned_at at time zone %(zone)s)::date, a.due_on,
       l.left_on,
       case when a.withdrawn_at is not null then 'withdrawn' when l.left_on <= %(today)s then 'left'
            when d.expires_on is not null then 'passed' when w.id is not null then 'waived'
            when a.due_on < %(today)s then 'overdue' else 'open' end,
       d.kind, (d.passed_at at time zone %(zone)s)::date, d.expires_on
from learning_assignment a
join learning_learnerprofile l on l.organization_id = a.organization_id and l.id = a.learner_id
join accounts_user u on u.id = a.user_id
join tenancy_site s on s.organization_id = a.organization_id and s.id = a.site_id
join courses_course c on c.organization_id = a.organization_id and c.id = a.course_id
join (select distinct on (course_id) course_id, version, marks from courses_courseversion
      where organization_id = %(organization)s order by course_id, published_at desc, id desc) v on v.course_id = a.course_id
left join lateral (
    select kind, passed_at, expires_on from learning_completion p
    where p.organization_id = a.organization_id and p.user_id = a.user_id and p.course_id = a.course_id
      and p.revoked_at is null and p.expires_on >= %(today)s and p.marks @> v.marks
    order by p.expires_on desc limit 1) d on true
left join lateral (
    select e.id from learning_exemption e
    where e.organization_id = a.organization_id and e.assignment_id = a.id and e.kind = 'waiver' and e.state = 'granted'
      and e.until >= %(today)s limit 1) w on true
where a.organization_id = %(organization)s
"""  # noqa: S608 - put together from this file alone


def parameters(today: date) -> dict[str, Any]:
    """Return what `ROWS` asks for: it is SQL of its own, so it names the organization besides row-level security."""
    return {"today": today, "organization": current().organization_id, "zone": organization_zone().key}


def records_csv(today: date) -> Iterator[bytes]:
    """Yield the file in pieces, in the scope in force; what is read next is what is sent next."""
    yield "\ufeff".encode() + (",".join(HEADINGS) + "\r\n").encode()
    pieces: list[bytes] = []
    size = 0
    with (
        connection.cursor() as cursor,
        cursor.copy(f"copy ({ROWS}) to stdout (format csv)", parameters(today)) as copied,
    ):
        for piece in copied:
            pieces.append(bytes(piece))
            size += len(pieces[-1])
            if size >= FILE_CHUNK:
                yield b"".join(pieces)
                pieces, size = [], 0
    if pieces:
        yield b"".join(pieces)
