"""The mailed link that approves an item: the attacks first."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import mail, signing
from django.test import Client
from django.utils import timezone

from access.permissions import Role
from accounts.models import Membership, User
from audit.models import Event
from onboarding.deployments import approval_links
from onboarding.deployments.models import ApprovalPolicy, ApprovalRequest, Evidence, Item, TeamRole
from onboarding.deployments.models.approval import ApprovalRefused
from onboarding.deployments.models.item import ItemRefused
from onboarding.deployments.tests.asking import Asked, ask
from tenancy.models import Site
from tenancy.scope import scope
from testing.scenes import Scene

ClientOf = Callable[[User], Client]


@pytest.fixture
def asked(scene: Scene) -> Asked:
    return ask(scene)


@pytest.fixture
def browser() -> Client:
    """A browser in which nobody is signed in, and which is held to CSRF as real ones are."""
    return Client(enforce_csrf_checks=True)


# --- Scanners ------------------------------------------------------------------------------------------------------


@pytest.mark.asvs("V3.5.3")
def test_a_scanner_that_opens_the_link_answers_nothing(asked: Asked, browser: Client) -> None:
    for method in ("get", "head"):
        for _ in range(3):
            assert getattr(browser, method)(asked.link).status_code == 200
    assert browser.options(asked.link).status_code == 405
    assert asked.untouched()


@pytest.mark.asvs("V3.5.3")
@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_no_other_method_answers(asked: Asked, browser: Client, method: str) -> None:
    asked.form(browser)
    assert getattr(browser, method)(asked.link).status_code in (403, 405)
    assert asked.untouched()


def test_a_scanner_that_posts_without_the_page_answers_nothing(asked: Asked, browser: Client) -> None:
    assert browser.post(asked.link, {"answer": "approve"}).status_code == 403
    form = asked.form(browser, answer="approve")
    assert browser.post(asked.link, {**form, "page": ""}).status_code == 409
    assert browser.post(asked.link, {**form, "page": form["page"][:-2]}).status_code == 409
    without_csrf = {name: value for name, value in form.items() if name != "csrfmiddlewaretoken"}
    assert browser.post(asked.link, without_csrf).status_code == 403
    assert asked.untouched()


def test_a_scanner_that_sends_the_form_as_it_stands_answers_nothing(asked: Asked, browser: Client) -> None:
    answer = browser.post(asked.link, asked.form(browser))
    assert (answer.status_code, "Choose whether" in answer.content.decode()) == (422, True)
    assert asked.untouched()


def test_a_page_read_in_one_browser_is_not_answered_from_another(asked: Asked, browser: Client) -> None:
    form = asked.form(browser, answer="approve")
    other = Client(enforce_csrf_checks=True)
    own = asked.form(other)
    mixed = {**form, "csrfmiddlewaretoken": own["csrfmiddlewaretoken"]}
    assert other.post(asked.link, mixed).status_code == 409
    assert asked.untouched()


def test_the_person_answers_after_a_scanner_was_there(asked: Asked, browser: Client) -> None:
    scanner = Client(enforce_csrf_checks=True)
    scanner.post(asked.link, asked.form(scanner))
    assert browser.post(asked.link, asked.form(browser, answer="approve")).status_code == 200
    assert (asked.state, asked.item_state) == ("approved", "accepted")


# --- Links that are not, or no longer, for this ---------------------------------------------------------------------


@pytest.mark.asvs("V6.5.1")
def test_a_used_link_answers_nothing_again(asked: Asked, browser: Client) -> None:
    form = asked.form(browser, answer="approve")
    again = asked.form(browser, answer="refuse", reason="No.")
    assert browser.post(asked.link, form).status_code == 200
    for replay in (form, again):
        answer = browser.post(asked.link, replay)
        assert (answer.status_code, "approved it already" in answer.content.decode()) == (410, True)
    assert browser.get(asked.link).status_code == 410
    assert (asked.state, asked.item_state) == ("approved", "accepted")
    with scope(asked.scene.world.host.pk):
        assert Event.objects.filter(action="approval.given").count() == 1


def test_a_link_of_another_item_person_or_organization_is_no_link(asked: Asked, browser: Client) -> None:
    world = asked.scene.world
    request = asked.request
    bound = [str(request.organization_id), str(request.pk), str(request.person_id), str(request.item_id), request.key]
    with scope(world.host.pk):
        other_item = str(Item.objects.exclude(pk=request.item_id)[0].pk)
    for at, value in (
        (0, str(world.elsewhere.pk)),
        (2, str(world.manager.pk)),
        (3, other_item),
        (4, "0" * 32),
        (1, str(world.host.pk)),
    ):
        forged = [*bound[:at], value, *bound[at + 1 :]]
        token = signing.dumps(forged, salt=approval_links.LINK, compress=False)
        assert browser.get(f"/a/host/approve/{token}/").status_code == 404, at
    token = asked.link.split("/")[4]
    assert browser.get(f"/a/host/approve/{token[:-1]}/").status_code == 404
    for slug in ("elsewhere", "vendor", "nowhere"):
        assert browser.get(f"/a/{slug}/approve/{token}/").status_code == 404
    for other_purpose in ("notices.unsubscribe", approval_links.PAGE):
        token = signing.dumps(bound, salt=other_purpose, compress=False)
        assert browser.get(f"/a/host/approve/{token}/").status_code == 404
    assert asked.untouched()


def test_an_expired_link_answers_nothing(asked: Asked, browser: Client) -> None:
    form = asked.form(browser, answer="approve")
    with scope(asked.scene.world.host.pk):
        ApprovalRequest.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert browser.post(asked.link, form).status_code == 410
    assert "seven days" in browser.get(asked.link).content.decode()
    assert asked.untouched()


def test_a_forwarded_link_is_refused_to_whoever_is_signed_in_as_somebody_else(
    asked: Asked, client_of: ClientOf
) -> None:
    for other in (asked.scene.world.owner, asked.scene.world.stranger, asked.scene.world.vendor_manager):
        client = client_of(other)
        assert client.get(asked.link).status_code == 403
        assert client.post(asked.link, {"answer": "approve"}).status_code == 403
    assert asked.untouched()


def test_the_person_learns_by_mail_of_every_answer_in_their_name(
    asked: Asked, browser: Client, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        browser.post(asked.link, asked.form(browser, answer="refuse", reason="The date is missing."))
    message = mail.outbox[-1]
    assert message.to == [asked.scene.world.approver.email]
    assert "If it was not you" in message.body
    assert "The date is missing." not in message.body  # somebody typed it
    assert "/a/host/" not in message.body


def end_membership(asked: Asked) -> None:
    Membership.objects.active().get(user=asked.scene.world.approver).end(by=asked.scene.by(asked.scene.world.owner))


def take_the_role(asked: Asked) -> None:
    member = Membership.objects.active().get(user=asked.scene.world.approver)
    member.change_roles([Role.CONTRIBUTOR], by=asked.scene.by(asked.scene.world.owner))


def lock_the_account(asked: Asked) -> None:
    User.objects.filter(pk=asked.scene.world.approver.pk).update(is_active=False)


def give_to_somebody_else(asked: Asked) -> None:
    Item.objects.get(pk=asked.request.item_id).assign(asked.scene.world.manager, by=asked.scene.manager)


def change_the_team(asked: Asked) -> None:
    role = TeamRole.objects.get(deployment=asked.scene.deployment, code=asked.request.item.owner)
    role.fill(asked.scene.world.owner, by=asked.scene.manager)


def return_the_item(asked: Asked) -> None:
    Item.objects.get(pk=asked.request.item_id).return_to_work(by=asked.scene.manager, reason="Not yet.")


def forbid_mail(asked: Asked) -> None:
    ApprovalPolicy.change(by=asked.scene.by(asked.scene.world.owner), by_mail=False)


def take_it_back(asked: Asked) -> None:
    asked.request.withdraw(by=asked.scene.manager, reason="Wrong person.")


def ask_again(asked: Asked) -> None:
    ApprovalRequest.ask(asked.request.item, asked.scene.world.approver, by=asked.scene.manager)


@pytest.mark.parametrize(
    "happens",
    [
        end_membership, take_the_role, lock_the_account, give_to_somebody_else, change_the_team, return_the_item,
        forbid_mail, take_it_back, ask_again,
    ],
)  # fmt: skip
def test_a_link_ends_at_once(asked: Asked, browser: Client, happens: Callable[[Asked], None]) -> None:
    form = asked.form(browser, answer="approve")
    with scope(asked.scene.world.host.pk):
        happens(asked)
        sha256 = Evidence.objects.get().versions.get().sha256
    assert browser.get(asked.link).status_code == 410
    assert browser.post(asked.link, form).status_code == 410
    assert browser.get(f"{asked.link}evidence/{sha256}").status_code == 404
    assert asked.item_state != "accepted"
    with scope(asked.scene.world.host.pk):
        assert not Event.objects.filter(action__in=["approval.given", "item.completed"]).exists()


def test_an_item_that_changed_since_it_was_read_is_read_again(asked: Asked, browser: Client) -> None:
    form = asked.form(browser, answer="approve")
    with scope(asked.scene.world.host.pk):
        Item.objects.get(pk=asked.request.item_id).move_due(timezone.localdate(), by=asked.scene.manager)
    answer = browser.post(asked.link, form)
    assert (answer.status_code, "read it again" in answer.content.decode()) == (409, True)
    assert asked.untouched()
    assert browser.post(asked.link, asked.form(browser, answer="approve")).status_code == 200


def test_it_opens_the_files_of_its_item_only_and_each_reading_is_written_down(asked: Asked, browser: Client) -> None:
    with scope(asked.scene.world.host.pk):
        own = Evidence.objects.get().versions.get().sha256
        from onboarding.vault.tests.shelf import stored

        other = stored(text="Other").sha256
        Evidence.give(Item.objects.get(number=2), stored(text="Other"), by=asked.scene.manager)
    file = browser.get(f"{asked.link}evidence/{own}")
    assert b"".join(file.streaming_content) == b"Read and found good."
    assert file["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert browser.get(f"{asked.link}evidence/{other}").status_code == 404
    assert browser.get(f"{asked.link}evidence/{own[:-1]}0").status_code == 404
    with scope(asked.scene.world.host.pk):
        opened = Event.objects.get(action="evidence.opened")
        assert (opened.actor_id, opened.data["how"]) == (asked.scene.world.approver.pk, "by a mailed link")


def test_the_link_signs_nobody_in(asked: Asked, browser: Client) -> None:
    asked.form(browser)
    assert browser.get("/o/host/inbox/").status_code == 302
    assert "sessionid" not in browser.cookies


# --- Asking and answering -------------------------------------------------------------------------------------------


def test_approved_by_link_is_accepted_in_the_persons_name(asked: Asked, browser: Client) -> None:
    answer = browser.post(asked.link, asked.form(browser, answer="approve"))
    assert "Approved" in answer.content.decode()
    with scope(asked.scene.world.host.pk):
        item = Item.objects.get(pk=asked.request.item_id)
        assert (item.state, item.done_by_id) == ("accepted", asked.scene.world.approver.pk)
        request = ApprovalRequest.objects.get()
        assert (request.state, request.by_link) == ("approved", True)
        assert Event.objects.get(action="approval.given").data["how"] == "by a mailed link"


def test_refused_by_link_needs_a_reason_and_goes_back_to_work(asked: Asked, browser: Client) -> None:
    assert browser.post(asked.link, asked.form(browser, answer="refuse", reason=" ")).status_code == 422
    assert asked.untouched()
    browser.post(asked.link, asked.form(browser, answer="refuse", reason="The date is missing."))
    assert (asked.state, asked.item_state) == ("refused", "in_progress")
    with scope(asked.scene.world.host.pk):
        assert Item.objects.get(pk=asked.request.item_id).note == "The date is missing."


def test_evidence_that_lapsed_meanwhile_is_not_approved(asked: Asked, browser: Client) -> None:
    form = asked.form(browser, answer="approve")
    with scope(asked.scene.world.host.pk):
        Evidence.objects.update(state="returned")
    answer = browser.post(asked.link, form)
    assert (answer.status_code, "needs evidence" in answer.content.decode()) == (422, True)
    assert asked.untouched()


def test_only_items_that_could_be_accepted_are_asked_about(scene: Scene) -> None:
    with scope(scene.world.host.pk):
        without = scene.item("interest-recorded")
        signed = Item.objects.filter(deployment=scene.deployment, completed_by_gate=True)[0]
        for item in (without, signed):
            with pytest.raises(ItemRefused):
                ApprovalRequest.ask(item, scene.world.approver, by=scene.manager)
        assert not ApprovalRequest.objects.exists()
        assert Item.objects.get(pk=without.pk).state == "todo"


@pytest.mark.parametrize("who", ["contributor", "stranger", "vendor_manager", "manager"])
def test_only_somebody_else_who_may_accept_items_is_asked(scene: Scene, who: str) -> None:
    with scope(scene.world.host.pk):
        item = scene.item("interest-recorded")
        Item.objects.filter(pk=item.pk).update(evidence_wanted=[])
        with pytest.raises(ApprovalRefused):
            ApprovalRequest.ask(item, getattr(scene.world, who), by=scene.manager)
        assert (ApprovalRequest.objects.exists(), scene.item("interest-recorded").state) == (False, "todo")


def test_of_two_who_were_asked_the_first_answer_counts(asked: Asked, browser: Client) -> None:
    world = asked.scene.world
    with scope(world.host.pk):
        other = ApprovalRequest.ask(asked.request.item, world.owner, by=asked.scene.manager)
        other = ApprovalRequest.objects.with_item().get(pk=other.pk)
        link = approval_links.path_of(other, "host")
    form = asked.form(browser, answer="approve")
    assert browser.post(asked.link, form).status_code == 200
    with scope(world.host.pk):
        assert ApprovalRequest.objects.get(pk=other.pk).note == "Somebody else approved it."
    assert browser.get(link).status_code == 410


def test_answering_signed_in_works_without_the_policy(scene: Scene, client_of: ClientOf) -> None:
    asked = ask(scene, by_mail=False)
    assert Client().get(asked.link).status_code == 410
    place = f"/o/host/deployments/{scene.deployment.pk}/items/1/"
    client = client_of(scene.world.approver)
    assert "asks for your approval" in client.get(place).content.decode()
    assert "Approve #1" in client.get("/o/host/inbox/").content.decode()
    assert client_of(scene.world.owner).post(f"{place}approvals/answer", {"answer": "approve"}).status_code == 422
    assert client.post(f"{place}approvals/answer", {"answer": "approve"}).status_code == 302
    assert (asked.state, asked.item_state) == ("approved", "accepted")


def test_the_asker_asks_from_the_item_sees_the_answer_and_may_take_it_back(scene: Scene, client_of: ClientOf) -> None:
    with scope(scene.world.host.pk):
        Item.objects.filter(number=1).update(evidence_wanted=[])
    client = client_of(scene.world.contributor)
    place = f"/o/host/deployments/{scene.deployment.pk}/items/1/"
    assert "Ask for approval" in client.get(place).content.decode()
    assert client.post(f"{place}approvals/ask", {"person": str(scene.world.learner.pk)}).status_code == 422
    assert client.post(f"{place}approvals/ask", {"person": str(scene.world.approver.pk)}).status_code == 302
    text = client.get(place).content.decode()
    assert "Waits for an answer" in text
    with scope(scene.world.host.pk):
        request = ApprovalRequest.objects.get()
    client.post(f"{place}approvals/withdraw", {"approval": str(request.pk)})
    assert "Taken back" in client.get(place).content.decode()


def test_the_switch_is_the_administrators_and_off_by_default(scene: Scene, client_of: ClientOf) -> None:
    place = "/o/host/admin/approvals/"
    with scope(scene.world.host.pk):
        assert not ApprovalPolicy.permits_mail()
    assert client_of(scene.world.manager).post(place, {"way": "link"}).status_code == 403
    client = client_of(scene.world.owner)
    client.post(place, {"way": "link"})
    client.post(place, {"way": "link"})
    with scope(scene.world.host.pk):
        assert ApprovalPolicy.permits_mail()
        assert Event.objects.filter(action="approval.permitted_by_mail").count() == 1
    client.post(place, {"way": "code"})
    assert client.post(place, {}).status_code == 422
    with scope(scene.world.host.pk):
        assert (ApprovalPolicy.permits_mail(), ApprovalPolicy.wants_code()) == (True, True)
        assert Event.objects.filter(action="approval.permitted_with_code").count() == 1
    client.post(place, {"way": "off"})
    with scope(scene.world.host.pk):
        assert (ApprovalPolicy.permits_mail(), ApprovalPolicy.wants_code()) == (False, False)


def test_an_approver_who_is_limited_to_other_sites_answers_nothing(asked: Asked, browser: Client) -> None:
    form = asked.form(browser, answer="approve")
    with scope(asked.scene.world.host.pk):
        other = Site.objects.create(name="Lake Street", region="NY", time_zone="America/New_York")
        member = Membership.objects.active().get(user=asked.scene.world.approver)
        member.limit_to([other], by=asked.scene.by(asked.scene.world.owner))
    assert browser.post(asked.link, form).status_code == 410
    assert asked.untouched()
