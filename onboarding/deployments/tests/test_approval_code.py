"""The code of the second mail, where an organization wants one with the link: the attacks first."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client, TestCase
from django.utils import timezone

from audit.models import Event
from onboarding.deployments.models import ApprovalCode, ApprovalPolicy, ApprovalRequest
from onboarding.deployments.models.approval import ApprovalRefused
from onboarding.deployments.models.approval_code import AT_ALL, IN_AN_HOUR, LASTS, PAUSE, TRIES
from onboarding.deployments.tests.asking import Asked, ask
from tenancy.scope import scope
from testing.scenes import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(scene: Scene) -> Asked:
    return ask(scene, with_code=True)


class Browser(Client):
    """Held to CSRF as real ones are; what waits for the commit of a request is done after it."""

    def post(self, *args: Any, **kwargs: Any) -> Any:
        """Send a form."""
        with TestCase.captureOnCommitCallbacks(execute=True):
            return super().post(*args, **kwargs)


@pytest.fixture
def browser() -> Client:
    return Browser(enforce_csrf_checks=True)


def codes(asked: Asked) -> list[str]:
    """The codes that were mailed to the person, the newest last."""
    to = asked.request.person.email
    return [str(one.body)[:6] for one in mail.outbox if one.to == [to] and "code" in one.subject]


def send(asked: Asked, browser: Client) -> str:
    """Ask for a code on the page, as a person does, and read it from the mail."""
    assert browser.post(asked.link, asked.form(browser, send_code="1")).status_code == 200
    return codes(asked)[-1]


def other_than(digits: str) -> str:
    return f"{(int(digits) + 1) % 1_000_000:06}"


def test_a_scanner_that_opens_the_link_or_sends_the_form_sends_no_code(asked: Asked, browser: Client) -> None:
    for _ in range(3):
        browser.get(asked.link)
    assert browser.post(asked.link, {"send_code": "1"}).status_code == 403
    form = asked.form(browser, send_code="1")
    assert browser.post(asked.link, {**form, "page": form["page"][:-2]}).status_code == 409
    assert codes(asked) == []
    assert asked.untouched()


def test_the_link_alone_answers_nothing(asked: Asked, browser: Client) -> None:
    for code in ("", "000000", "\0", "１２３４５６"):
        answer = browser.post(asked.link, asked.form(browser, answer="approve", code=code))
        assert (answer.status_code, "no code that counts" in answer.content.decode()) == (422, True)
    send(asked, browser)
    for code in ("", "\0", "１２３"):
        assert browser.post(asked.link, asked.form(browser, answer="approve", code=code)).status_code == 422
    assert asked.untouched()


def test_the_verb_itself_refuses_an_answer_by_link_without_a_code(asked: Asked) -> None:
    world = asked.scene.world
    with scope(world.host.pk):
        by = asked.scene.by(world.approver)
        for verb in (lambda: asked.request.approve(by=by, by_link=True),
                     lambda: asked.request.refuse(by=by, reason="No.", by_link=True)):  # fmt: skip
            with pytest.raises(ApprovalRefused, match="second mail"):
                verb()
    assert asked.untouched()


def test_guessing_ends_the_code_after_five_tries(asked: Asked, browser: Client) -> None:
    digits = send(asked, browser)
    for left in range(TRIES - 1, -1, -1):
        answer = browser.post(asked.link, asked.form(browser, answer="approve", code=other_than(digits)))
        words = answer.content.decode()
        assert answer.status_code == 422
        assert (f"{left} tr" in words) if left else ("no code that counts" in words)
    assert browser.post(asked.link, asked.form(browser, answer="approve", code=digits)).status_code == 422
    assert asked.untouched()


def test_no_more_codes_are_sent_than_the_limits_allow(asked: Asked, browser: Client) -> None:
    start = timezone.now()
    sent = 0
    for hour in range(6):
        for minute in range(5):
            with time_machine.travel(start + timedelta(hours=hour * 1.5, minutes=minute * 2), tick=False):
                form = asked.form(browser, send_code="1")
                again = (browser.post(asked.link, form).status_code, browser.post(asked.link, form).status_code)
                sent += again[0] == 200
                assert again[1] == 422
        assert sent == min((hour + 1) * IN_AN_HOUR, AT_ALL)
    assert len(codes(asked)) == AT_ALL
    assert asked.untouched()


def test_a_code_counts_in_the_browser_that_asked_for_it_and_there_alone(asked: Asked, browser: Client) -> None:
    digits = send(asked, browser)
    other = Client(enforce_csrf_checks=True)
    assert other.post(asked.link, asked.form(other, answer="approve", code=digits)).status_code == 422
    assert asked.untouched()


def test_a_code_of_another_question_does_not_count(asked: Asked, browser: Client) -> None:
    digits = send(asked, browser)
    world = asked.scene.world
    with scope(world.host.pk):
        key = browser.cookies["approval"].value
        assert ApprovalCode.tried(asked.request, key, digits) is not None
        again = ApprovalRequest.ask(asked.request.item, world.approver, by=asked.scene.manager)
        assert ApprovalCode.tried(again, key, digits) is None


def test_an_old_code_ends_with_time_and_with_the_next_one(asked: Asked, browser: Client) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False):
        first = send(asked, browser)
    with time_machine.travel(start + PAUSE, tick=False):
        second = send(asked, browser)
        if first != second:
            assert browser.post(asked.link, asked.form(browser, answer="approve", code=first)).status_code == 422
    with time_machine.travel(start + PAUSE + LASTS, tick=False):
        assert browser.post(asked.link, asked.form(browser, answer="approve", code=second)).status_code == 422
    assert asked.untouched()


def test_neither_the_page_nor_the_table_nor_the_log_holds_the_digits(asked: Asked, browser: Client) -> None:
    digits = send(asked, browser)
    with scope(asked.scene.world.host.pk):
        kept = str(list(ApprovalCode.objects.values("digest"))) + str(
            list(Event.objects.values_list("data", flat=True))
        )
    page = re.sub(r'value="[^"]{20,}"', "", browser.get(asked.link).content.decode())
    assert not re.search(rf"\b{digits}\b", page)
    assert not re.search(rf"\b{digits}\b", kept)


def test_the_person_answers_with_link_and_code_once(asked: Asked, browser: Client) -> None:
    digits = send(asked, browser)
    without_reason = browser.post(asked.link, asked.form(browser, answer="refuse", code=digits))
    assert without_reason.status_code == 422
    form = asked.form(browser, answer="approve", code=f" {digits[:3]} {digits[3:]} ")
    assert browser.post(asked.link, form).status_code == 200
    assert (asked.state, asked.item_state) == ("approved", "accepted")
    assert browser.post(asked.link, form).status_code == 410
    with scope(asked.scene.world.host.pk):
        code = ApprovalCode.objects.get()
        assert (code.tries, code.used_at is not None) == (1, True)
        with pytest.raises(ApprovalRefused, match="used already"):
            code.spend()
        assert Event.objects.filter(action="approval.code_sent").count() == 1


def test_without_the_policy_no_code_is_asked_for_or_sent(scene: Scene, browser: Client) -> None:
    asked = ask(scene)
    assert "second mail" not in browser.get(asked.link).content.decode()
    assert browser.post(asked.link, asked.form(browser, send_code="1")).status_code == 422
    assert codes(asked) == []
    assert browser.post(asked.link, asked.form(browser, answer="approve")).status_code == 200
    with scope(scene.world.host.pk):
        assert not ApprovalPolicy.wants_code()
