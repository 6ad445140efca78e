"""Training as managers, approvers and partners see it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from access.permissions import Part
from accounts.models import User
from notices.models import Reminder
from tenancy.models import Share
from tenancy.scope import scope
from testing.cast import person
from training.courses.models import CourseVersion, SiteValue
from training.learning.models import Assignment, AssignmentRule, Completion, Exemption, LearnerProfile
from training.learning.tests.classroom import DEPLOYMENT, Classroom

ClientOf = Callable[[User], Client]
PAGES = ["", "people/", "people/new/", "people/import/", "rules/", "rules/new/", "access/", "courses/"]


@pytest.mark.parametrize("path", PAGES)
def test_a_manager_opens_every_page_and_a_learner_none(classroom: Classroom, client_of: ClientOf, path: str) -> None:
    assert client_of(classroom.world.manager).get(f"/o/host/training/{path}").status_code == 200
    assert client_of(classroom.world.learner).get(f"/o/host/training/{path}").status_code == 403
    assert client_of(classroom.world.stranger).get(f"/o/host/training/{path}").status_code == 404


def test_the_matrix_says_how_many_of_how_many_and_leads_to_the_people(
    classroom: Classroom, client_of: ClientOf
) -> None:
    page = client_of(classroom.world.manager).get("/o/host/training/").content.decode()
    assert "<small>0 of 1</small>" in page
    assert f"people/?deployment={DEPLOYMENT}&amp;role=prescriber" in page
    listed = client_of(classroom.world.manager).get(f"/o/host/training/people/?deployment={DEPLOYMENT}&role=prescriber")
    assert "Prescriber Host" in listed.content.decode()


@pytest.mark.parametrize("part", [Part.VENDOR, Part.HUB, Part.FUNDER])
def test_a_partner_sees_figures_of_its_deployments_and_never_a_name(
    classroom: Classroom, client_of: ClientOf, part: Part
) -> None:
    world = classroom.world
    partner, user = {
        Part.VENDOR: (world.vendor, world.vendor_manager),
        Part.HUB: (world.hub, world.hub_manager),
        Part.FUNDER: (world.funder, world.funder_manager),
    }[part]
    with scope(world.host.pk):
        Share(deployment_id=DEPLOYMENT, partner=partner, part=part, granted_at=timezone.now()).save()
    client = client_of(user)
    page = client.get("/o/host/training/").content.decode()
    assert "<small>0 of 1</small>" in page
    assert "Prescriber Host" not in page
    assert "training/people/" not in page
    for path in ("people/", "rules/", "access/", "courses/", f"assignments/{classroom.assignment.pk}/", "exemptions/"):
        assert client.get(f"/o/host/training/{path}").status_code == 403
    assert client.post("/o/host/training/reminders/", {"picked": str(classroom.assignment.pk)}).status_code == 403


def test_a_partner_of_another_deployment_sees_no_figure(classroom: Classroom, client_of: ClientOf) -> None:
    with scope(classroom.world.host.pk):
        Share(deployment_id=uuid4(), partner=classroom.world.vendor, part=Part.VENDOR, granted_at=timezone.now()).save()
    page = client_of(classroom.world.vendor_manager).get("/o/host/training/").content.decode()
    assert "0 of 1" not in page
    assert "Main Street" not in page


def test_a_member_is_added_and_an_unknown_address_is_refused_in_words(
    classroom: Classroom, client_of: ClientOf
) -> None:
    client = client_of(classroom.world.manager)
    values = {"job_role": "prescriber", "site": str(classroom.site.pk), "started_on": "2026-11-01"}
    refused = client.post("/o/host/training/people/new/", {**values, "email": "nobody@host.example"})
    assert refused.status_code == 422
    assert "nobody@host.example is not a member here yet" in refused.content.decode()
    added = client.post("/o/host/training/people/new/", {**values, "email": "Integration.Analyst@host.example"})
    assert added.status_code == 302
    with scope(classroom.world.host.pk):
        assert Assignment.objects.filter(user=classroom.world.contributor).count() == 1


def test_a_list_is_taken_whole_or_not_at_all(classroom: Classroom, client_of: ClientOf) -> None:
    client = client_of(classroom.world.manager)

    def send(text: str):
        file = SimpleUploadedFile("people.csv", text.encode())
        return client.post("/o/host/training/people/import/", {"file": file})

    head = "E-mail,Name,Job role,Site\n"
    refused = send(
        head + "integration.analyst@host.example,A,Front desk/MA,Main Street\n" + "x@host.example,B,pilot,Nowhere\n"
    )
    page = refused.content.decode()
    assert refused.status_code == 422
    for says in ("row 3: x@host.example is not a member", "row 3: “pilot” is no job role", "no open site “Nowhere”"):
        assert says in page
    with scope(classroom.world.host.pk):
        assert LearnerProfile.objects.count() == 1
    assert send(head + "integration.analyst@host.example,A,prescriber,main street\n").status_code == 302
    with scope(classroom.world.host.pk):
        assert LearnerProfile.objects.count() == 2


def test_who_manages_people_invites_and_the_course_waits_for_them(
    classroom: Classroom, client_of: ClientOf, mailoutbox: list
) -> None:
    from accounts.models import Invitation
    from audit.models import Event
    from config.reactions import REACTIONS
    from training.learning import tasks
    from training.learning.models import PlannedEnrollment

    host, client = classroom.world.host.pk, client_of(classroom.world.owner)
    text = b"email,name,job role,site\nNew.Prescriber@host.example,N,prescriber,Main Street\n"
    for _ in range(2):
        sent = client.post("/o/host/training/people/import/", {"file": SimpleUploadedFile("people.csv", text)})
        assert sent.status_code == 302
    assert "new.prescriber@host.example" in client.get("/o/host/training/people/").content.decode()
    with scope(host):
        invitation = Invitation.objects.get()
        assert invitation.roles == ["learner"]
        assert LearnerProfile.objects.count() == 1
        joined = invitation.accept_as_new(name="New Prescriber", password="")
        event = Event.objects.filter(action="member.added").latest("id")
    assert "training.learning.tasks.enroll_invited" in REACTIONS["member.added"]
    for _ in range(2):
        tasks.enroll_invited(str(host), str(event.pk))
    with scope(host):
        assert Assignment.objects.filter(user=joined).count() == 1
        assert not PlannedEnrollment.objects.waiting().exists()


def test_a_rule_is_previewed_then_applied(classroom: Classroom, client_of: ClientOf) -> None:
    client = client_of(classroom.world.manager)
    values = {
        "course": str(classroom.version.course_id),
        "job_role": "prescriber",
        "tool": "Stillwater CBT",
        "anchor": "go-live",
        "offset_days": "-30",
        "required": "on",
    }
    page = client.post("/o/host/training/rules/new/", values).content.decode()
    assert "This touches 1 person" in page
    with scope(classroom.world.host.pk):
        assert AssignmentRule.objects.count() == 1
    assert client.post("/o/host/training/rules/new/", {**values, "step": "apply"}).status_code == 302
    with scope(classroom.world.host.pk):
        rule = AssignmentRule.objects.get(tool="Stillwater CBT")
        assert (rule.offset_days, rule.required) == (-30, True)
    client.post(f"/o/host/training/rules/{rule.pk}/end/")
    with scope(classroom.world.host.pk):
        assert AssignmentRule.objects.in_force().count() == 1


def test_picked_learners_are_reminded(classroom: Classroom, client_of: ClientOf) -> None:
    client = client_of(classroom.world.manager)
    client.post("/o/host/training/reminders/", {"picked": [str(classroom.assignment.pk), "rubbish"]})
    with scope(classroom.world.host.pk):
        assert Reminder.objects.filter(kind="training.assignment_chased").count() == 1


def test_an_exemption_is_asked_by_one_and_granted_by_another(classroom: Classroom, client_of: ClientOf) -> None:
    world, address = classroom.world, f"/o/host/training/assignments/{classroom.assignment.pk}/exemptions/"
    refused = client_of(world.manager).post(address, {"kind": "waiver", "reason": "On leave"})
    assert "A waiver ends: give its last day." in refused.content.decode()
    client_of(world.manager).post(address, {"kind": "equivalence", "reason": "Passed at the hospital"})
    with scope(world.host.pk):
        asked = Exemption.objects.get()
    decision = f"/o/host/training/exemptions/{asked.pk}/decision/"
    assert client_of(world.manager).post(decision, {"decision": "grant"}).status_code == 403
    assert "Passed at the hospital" in client_of(world.approver).get("/o/host/training/exemptions/").content.decode()
    client_of(world.approver).post(decision, {"decision": "grant"})
    with scope(world.host.pk):
        assert Completion.objects.get().kind == "equivalence"
    page = client_of(world.manager).get(f"/o/host/training/assignments/{classroom.assignment.pk}/").content.decode()
    assert "Equivalence granted" in page


def test_access_lists_are_taken_by_those_who_manage_and_problems_are_named(
    classroom: Classroom, client_of: ClientOf
) -> None:
    address = "/o/host/training/access/"

    def values(text: bytes):
        return {"deployment": str(DEPLOYMENT), "file": SimpleUploadedFile("access.csv", text)}

    assert client_of(classroom.world.auditor).post(address, values(b"email\na@b.example\n")).status_code == 403
    client = client_of(classroom.world.manager)
    refused = client.post(address, values(b"email\nrubbish\n"))
    assert "row 2: “rubbish” is no e-mail address" in refused.content.decode()
    client.post(address, values(b"email\nlocum@agency.example\nprescriber@host.example\n"))
    page = client.get(address).content.decode()
    assert "Not a member here" in page
    assert "Prescribing a digital tool, and acting on risk" in page
    assert "2 people have access without training" in client.get("/o/host/training/").content.decode()


def test_a_starter_is_adopted_and_read_as_a_learner_reads_it(classroom: Classroom, client_of: ClientOf) -> None:
    client = client_of(classroom.world.manager)
    client.post("/o/host/training/courses/adopt/", {"key": "superuser-support"})
    with scope(classroom.world.host.pk):
        version = CourseVersion.objects.get(course__key="superuser-support")
    assert client.post("/o/host/training/courses/adopt/", {"key": "../evil"}).status_code == 404
    page = client.get(f"/o/host/training/courses/{version.pk}/").content.decode()
    assert version.title in page
    lesson = version.content.lessons[0]
    shown = client.get(f"/o/host/training/courses/{version.pk}/lessons/{lesson.key}/?step=2").content.decode()
    assert lesson.cards[1].title.replace("'", "&#39;") in shown
    assert client.get(f"/o/host/training/courses/{version.pk}/lessons/none/").status_code == 404


def test_site_values_are_set_for_one_site(classroom: Classroom, client_of: ClientOf) -> None:
    client = client_of(classroom.world.manager)
    address = f"/o/host/training/courses/{classroom.version.pk}/"
    values = {value.key: value.default for value in classroom.version.content.site_values}
    unknown = client.post(address + "site-values/", {**values, "risk-minutes": "9 minutes", "site": str(uuid4())})
    assert unknown.status_code == 404
    client.post(address + "site-values/", {**values, "risk-minutes": "5 minutes", "site": str(classroom.site.pk)})
    with scope(classroom.world.host.pk):
        assert [(row.key, row.value, row.site_id) for row in SiteValue.objects.all()] == [
            ("risk-minutes", "5 minutes", classroom.site.pk)
        ]


def test_a_superuser_signs_for_a_colleague_of_the_site_and_never_for_themselves(
    classroom: Classroom, client_of: ClientOf
) -> None:
    from accounts.models import Membership
    from training.courses.document import CONTENT, load_course
    from training.learning.actions.apply_rules import apply_rule
    from training.learning.actions.enroll import enroll
    from training.learning.actions.take_up_version import adopt_course
    from training.learning.models import ObservedCompetency

    world = classroom.world
    with scope(world.host.pk):
        version = adopt_course(load_course(CONTENT / "superuser-support"), by=classroom.manager, source="library")
        other = person("superuser@host.example", "Superuser Host")
        Membership.add(other, roles=["learner"], by=classroom.manager)
        apply_rule(AssignmentRule.set(version.course, job_role="superuser", by=classroom.manager), by=classroom.manager)
        start = timezone.localdate() - timedelta(days=1)
        for user in (other, world.contributor):
            enroll(user, job_role="superuser", site=classroom.site, started_on=start, by=classroom.manager)
        mine = Assignment.objects.get(user=other)
        theirs = Assignment.objects.get(user=world.contributor)
    keys = [item.key for item in version.content.observation.items]
    client = client_of(other)
    assert "Analyst Host" in client.get("/o/host/learning/observations/").content.decode()
    assert client.post(f"/o/host/learning/observations/{mine.pk}/", {"seen": keys}).status_code == 404
    assert client_of(world.learner).get(f"/o/host/learning/observations/{theirs.pk}/").status_code == 404
    client.post(f"/o/host/learning/observations/{theirs.pk}/", {"seen": keys[:1]})
    client.post(f"/o/host/learning/observations/{theirs.pk}/", {"seen": keys})
    with scope(world.host.pk):
        signed = ObservedCompetency.objects.order_by("observed_at")
        assert [row.passed for row in signed] == [False, True]
        assert {row.observer_name for row in signed} == {"Superuser Host"}


def test_a_learner_who_has_not_started_yet_cannot_leave_and_the_page_says_why(
    classroom: Classroom, client_of: ClientOf
) -> None:
    with scope(classroom.world.host.pk):
        learner = LearnerProfile.objects.get(user=classroom.world.learner)
        LearnerProfile.objects.filter(pk=learner.pk).update(started_on=timezone.localdate() + timedelta(days=9))
    answer = client_of(classroom.world.manager).post(
        f"/o/host/training/people/{learner.pk}/leave/", {"on": timezone.localdate().isoformat()}
    )
    assert answer.status_code == 422
    assert "cannot leave before that" in answer.content.decode()
    with scope(classroom.world.host.pk):
        assert LearnerProfile.objects.get(pk=learner.pk).left_on is None
