"""The pages: policy, ledger, jobs, the link that stops a digest, the mailbox."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from accounts.models import User
from audit.actor import Actor
from audit.models import Event
from launcher import mail_sink
from notices import delivery, engine, unsubscribe
from notices.models import DigestChoice, JobRun, Reminder, ReminderPolicy, Suppression, Wanted
from notices.tests.subjects import ITEM, URGENT
from tenancy.models import Site
from tenancy.scope import scope
from testing.cast import World

pytestmark = pytest.mark.django_db(databases=["default", "steward"])
Browser = Callable[[User], Client]
SOMEBODY = Actor.system("test")
POLICY = {
    "ladder": "−7, 0, +3",
    "manager_after": "2",
    "sponsor_after": "5",
    "digest_at": "07:30",
    "quiet_from": "20:00",
    "quiet_until": "07:00",
    "weekly_digest": "on",
    "expiry": "90, 60, 30",
    "sla_deployments_review_due": "3",
    "sla_deployments_approval_due": "3",
    "sla_deployments_question_due": "2",
}


def sent(world: World, count: int = 1) -> list[Reminder]:
    with scope(world.host.pk):
        for number in range(count):
            site = Site.objects.create(name=f"Site {number:03}")
            day = timezone.localdate() - timedelta(days=2)
            Reminder.schedule([Wanted(world.manager, ITEM, "tenancy.site", site.pk, "0", day, "You own it.")])
    engine.send_due(world.host.pk)
    with scope(world.host.pk):
        return list(Reminder.objects.order_by("-due_at", "-pk"))


def test_the_policy_is_saved_and_shown(world: World, client_of: Browser) -> None:
    browser = client_of(world.owner)
    assert browser.post("/o/host/admin/reminders/", POLICY).status_code == 302
    with scope(world.host.pk):
        policy = ReminderPolicy.current()
        assert (policy.ladder, policy.manager_after, str(policy.digest_at)) == ([-7, 0, 3], 2, "07:30:00")
    page = browser.get("/o/host/admin/reminders/").content.decode()
    assert 'value="−7, 0, +3"' in page
    assert 'value="07:30"' in page


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("ladder", "soon", "“soon” is not a number"),
        ("ladder", "", "Name at least one step."),
        ("sponsor_after", "1", "The sponsor hears after the manager, not before."),
        ("digest_at", "25:00", "Enter a valid time."),
    ],
)
def test_a_bad_policy_is_named_and_not_saved(
    world: World, client_of: Browser, field: str, value: str, words: str
) -> None:
    answer = client_of(world.owner).post("/o/host/admin/reminders/", {**POLICY, field: value})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    with scope(world.host.pk):
        assert ReminderPolicy.objects.count() == 0


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("to=manager", 2),
        ("to=nobody", 0),
        ("about=site+001", 1),
        ("about=elsewhere", 0),
        ("state=sent", 2),
        ("state=failed", 0),
        ("kind=test_item", 2),
        ("kind=weekly_digest", 0),
        ("since=2001-01-01&until=2001-01-02", 0),
        ("since=2001-01-01", 2),
        ("until=2001-01-01", 0),
        ("about=%00&to=%00&since=nonsense&until=0000-99-99&state=x&after=x_y", 2),
    ],
)
def test_messages_are_found_by_person_subject_state_kind_and_day(
    world: World, client_of: Browser, query: str, found: int
) -> None:
    rows = sent(world, 2)
    browser = client_of(world.auditor)
    page = browser.get(f"/o/host/admin/deliveries/?{query}").content.decode()
    assert len(re.findall(r'id="r-', page)) == found
    for words in (rows[0].message_id, str(rows[0].subject_id)):
        listed = browser.get("/o/host/admin/deliveries/", {"about": words}).content.decode()
        assert f'id="r-{rows[0].pk}"' in listed


def test_the_list_of_dead_addresses_says_why_and_lets_them_be_tried_again_with_a_reason(
    world: World, client_of: Browser
) -> None:
    reminder = sent(world)[0]
    assert reminder.message
    with scope(world.host.pk):
        held = {"words": "550 5.1.1 no such user", "message": reminder.message, "by": SOMEBODY}
        stopped = Suppression.begin(world.manager, world.manager.email, "", Suppression.Cause.BOUNCED, **held)
        assert stopped
        assert Suppression.begin(world.manager, world.manager.email, "", Suppression.Cause.BOUNCED, **held) is None
    address, lift = "/o/host/admin/deliveries/suppressed/", f"/o/host/admin/deliveries/suppressed/{stopped.pk}/lift"
    page = client_of(world.auditor).get(address).content.decode()
    assert "550 5.1.1 no such user" in page
    assert "Allow mail" not in page
    assert client_of(world.auditor).post(lift, {"reason": "x"}).status_code == 403
    assert client_of(world.stranger).post(lift, {"reason": "x"}).status_code == 404
    owner = client_of(world.owner)
    assert owner.post(lift, {"reason": ""}).status_code == 422
    with scope(world.host.pk):
        assert Suppression.objects.standing().count() == 1
    assert "1 address takes no mail" in owner.get("/o/host/admin/deliveries/").content.decode()
    assert owner.post(lift, {"reason": "The mailbox was mended."}).status_code == 302
    with scope(world.host.pk):
        assert Suppression.objects.standing().count() == 0
    assert "The mailbox was mended." in owner.get(address).content.decode()


def test_everybody_reads_their_own_messages_and_nobody_elses(world: World, client_of: Browser) -> None:
    sent(world, 2)
    mine = client_of(world.manager).get("/o/host/messages/").content.decode()
    assert "Site 000" in mine
    assert "Site 001" in mine
    assert "Site 000" not in client_of(world.owner).get("/o/host/messages/").content.decode()
    assert client_of(world.stranger).get("/o/host/messages/").status_code == 404


@pytest.mark.parametrize("path", ["reminders", "deliveries", "deliveries/suppressed", "jobs"])
def test_who_lacks_the_permission_gets_403_and_a_stranger_404(world: World, client_of: Browser, path: str) -> None:
    assert client_of(world.contributor).get(f"/o/host/admin/{path}/").status_code == 403
    assert client_of(world.stranger).get(f"/o/host/admin/{path}/").status_code == 404
    assert client_of(world.owner).get(f"/o/host/admin/{path}/").status_code == 200


def test_the_preview_says_who_gets_what(world: World, client_of: Browser) -> None:
    with scope(world.host.pk):
        site = Site.objects.create(name="Main Street")
        day = timezone.localdate() + timedelta(days=3)
        Reminder.schedule([Wanted(world.manager, ITEM, "tenancy.site", site.pk, "0", day, "You own it.")])
    page = client_of(world.owner).get("/o/host/admin/reminders/").content.decode()
    assert "Main Street" in page
    assert "Manager Host" in page


def test_the_ledger_shows_to_whom_why_and_what_became_of_it(world: World, client_of: Browser) -> None:
    reminder = sent(world)[0]
    page = client_of(world.auditor).get("/o/host/admin/deliveries/").content.decode()
    for words in ("Manager Host", "You own it.", "Sent", "Site 000", "On the day itself"):
        assert words in page
    assert "Send again" not in page
    story = client_of(world.auditor).get(f"/o/host/admin/deliveries/{reminder.pk}/").content.decode()
    for words in ("Accepted by the mail server", escape(reminder.message_id), world.manager.email, "Site 000"):
        assert words in story
    assert "Send again" not in story
    assert (
        "No message matches" in client_of(world.auditor).get("/o/host/admin/deliveries/?state=failed").content.decode()
    )


def test_the_ledger_pages_by_key_without_gap_or_repeat(world: World, client_of: Browser) -> None:
    rows = sent(world, 60)
    browser = client_of(world.owner)
    seen: list[str] = []
    address = "/o/host/admin/deliveries/"
    for _ in range(2):
        page = browser.get(address).content.decode()
        seen += re.findall(r'id="r-([0-9a-f-]+)"', page)
        following = re.search(r'href="(\?[^"]*after=[^"]*)" rel="next"', page)
        address = "/o/host/admin/deliveries/" + (following.group(1).replace("&amp;", "&") if following else "")
    assert seen == [str(row.pk) for row in rows]


def test_a_message_is_sent_again_by_who_may(world: World, client_of: Browser) -> None:
    reminder = sent(world)[0]
    address = f"/o/host/admin/deliveries/{reminder.pk}/resend"
    assert client_of(world.auditor).post(address).status_code == 403
    assert client_of(world.stranger).post(address).status_code == 404
    with scope(world.host.pk):
        assert Reminder.objects.get().state == "sent"
    assert client_of(world.owner).post(address).status_code == 302
    engine.send_due(world.host.pk)
    assert len(mail.outbox) == 2


def test_the_link_asks_first_and_one_click_stops(world: World) -> None:
    link = "/n/" + unsubscribe.link(world.host, world.manager.pk).split("/n/", 1)[1]
    anybody = Client(enforce_csrf_checks=True)
    assert "Stop the digest" in anybody.get(link).content.decode()
    with scope(world.host.pk):
        assert DigestChoice.objects.count() == 0
    assert anybody.head(link).status_code == 200
    assert anybody.options(link).status_code == 405
    with scope(world.host.pk):
        assert DigestChoice.objects.count() == 0
    stopped = anybody.post(link, {"List-Unsubscribe": "One-Click"})
    assert (stopped.status_code, stopped.content) == (200, b"No more digests")
    with scope(world.host.pk):
        assert DigestChoice.objects.get(user=world.manager).stopped is True
        assert Event.objects.filter(action="digest.stopped").count() == 1
    anybody.post(link, {"wish": "resume"})
    with scope(world.host.pk):
        assert DigestChoice.objects.get(user=world.manager).wants(date(2026, 11, 24)) is True


def test_a_mail_program_reads_the_headers_and_one_post_stops_the_digest_and_nothing_else(world: World) -> None:
    sent(world)
    digest = mail.outbox[0].message()
    assert digest["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert digest["List-Id"] == f"{world.host.name} <host.{settings.MESSAGE_ID_DOMAIN}>"
    address = digest["List-Unsubscribe"].strip("<>")
    assert address.startswith(f"{settings.PUBLIC_ADDRESS}/n/host/unsubscribe/")
    form = "application/x-www-form-urlencoded"
    program = Client(enforce_csrf_checks=True)
    path = address.removeprefix(settings.PUBLIC_ADDRESS)
    assert program.post(path, "List-Unsubscribe=One-Click", form).status_code == 200
    with scope(world.host.pk):
        assert list(DigestChoice.objects.values_list("user", "stopped")) == [(world.manager.pk, True)]
        site = Site.objects.create(name="Second")
        day = timezone.localdate() - timedelta(days=2)
        for kind in (ITEM, URGENT):
            Reminder.schedule([Wanted(world.manager, kind, "tenancy.site", site.pk, "0", day, "You own it.")])
    engine.send_due(world.host.pk)
    with scope(world.host.pk):
        assert Reminder.objects.get(subject_id=site.pk, kind="test_urgent").state == "sent"
    assert len(mail.outbox) == 2
    assert "List-Unsubscribe" not in mail.outbox[-1].message()


def test_a_link_of_one_organization_does_nothing_in_another(world: World) -> None:
    link = "/n/" + unsubscribe.link(world.host, world.manager.pk).split("/n/", 1)[1]
    for bad in (link.replace("/n/host/", "/n/elsewhere/"), link[:-3] + "xyz", link.replace("/n/host/", "/n/nobody/")):
        assert Client().post(bad).status_code == 404
    for organization in (world.host, world.elsewhere):
        with scope(organization.pk):
            assert DigestChoice.objects.count() == 0


def test_a_job_is_listed_and_run_again(world: World, client_of: Browser) -> None:
    with scope(world.host.pk):
        JobRun.plan("reminder_times", timezone.localdate())
        run = JobRun.objects.get()
    from notices import jobs

    assert jobs.run(world.host.pk, run.pk) is True
    browser = client_of(world.owner)
    page = browser.get("/o/host/admin/jobs/").content.decode()
    assert "Reminder times" in page
    assert "moved 0" in page
    assert browser.post(f"/o/host/admin/jobs/{run.pk}/rerun").status_code == 302
    assert client_of(world.stranger).post(f"/o/host/admin/jobs/{run.pk}/rerun").status_code == 404
    with scope(world.host.pk):
        assert JobRun.objects.get().state == "due"
        assert Event.objects.filter(action="job.rerun").count() == 1


@pytest.fixture
def mailbox(tmp_path: Path, settings: Any) -> mail_sink.Mailbox:
    settings.STATE_DIR = tmp_path
    return mail_sink.Mailbox(tmp_path / "mailbox")


def test_the_mailbox_lists_and_shows_what_the_sink_kept(mailbox: mail_sink.Mailbox, db: None) -> None:
    message = mail.EmailMultiAlternatives("Two overdue", "The text", to=["owner@host.example"])
    message.attach_alternative("<p style='color:red'>The page<script>1</script></p>", "text/html")
    mailbox.keep(message.message().as_bytes(), "notices@causeway.example", ["owner@host.example"])
    listed = Client().get("/dev/mailbox").content.decode()
    assert "Two overdue" in listed
    name = re.search(r'href="/dev/mailbox/([^"]+)"', listed)
    assert name
    page = Client().get(f"/dev/mailbox/{name.group(1)}")
    assert "The text" in page.content.decode()
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    part = Client().get(f"/dev/mailbox/{name.group(1)}/html")
    assert "sandbox" in part.headers["Content-Security-Policy"]
    assert "script-src 'none'" in part.headers["Content-Security-Policy"]
    assert part.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "No message" in Client().get("/dev/mailbox?to=somebody@else.example").content.decode()


@pytest.mark.parametrize("name", ["..%2F..%2Fsecrets", "nothing.sink", ".."])
def test_the_mailbox_shows_nothing_else_of_the_disk(mailbox: mail_sink.Mailbox, db: None, name: str) -> None:
    assert Client().get(f"/dev/mailbox/{name}/html").status_code == 404


def test_outside_development_there_is_no_mailbox(mailbox: mail_sink.Mailbox, db: None, settings: Any) -> None:
    settings.DEVELOPMENT_SIGN_IN = False
    assert Client().get("/dev/mailbox").status_code == 404


def test_the_sink_is_asked_by_the_name_it_writes(mailbox: mail_sink.Mailbox) -> None:
    sink = delivery.LocalSink()
    assert sink.accepted("<a.0@causeway.example>") is False
    mailbox.keep(b"Message-ID: <a.0@causeway.example>\r\n\r\nText\r\n", None, ["x@host.example"])
    assert sink.accepted("<a.0@causeway.example>") is True
