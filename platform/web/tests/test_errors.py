"""Error pages: the same for everybody, and still there when nothing else is."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client, RequestFactory

from accounts.models import User
from testing.cast import World
from web import errors

ClientOf = Callable[[User], Client]


def test_a_stranger_and_a_missing_page_get_the_same_bytes(world: World, client_of: ClientOf) -> None:
    client = client_of(world.stranger)
    answers = [
        client.get(f"/o/{world.host.slug}/"),
        client.get(f"/o/{world.host.slug}/deployments/"),
        client.get("/o/no-such-organization/"),
        client.get(f"/o/{world.elsewhere.slug}/no-such-page"),
        client.get("/no-such-page"),
    ]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert len({answer.content for answer in answers}) == 1
    headers = [{name: value for name, value in answer.headers.items() if name != "Vary"} for answer in answers]
    assert all(each == headers[0] for each in headers)
    assert b"There is no page here" in answers[0].content


def test_a_404_says_nothing_about_the_person_but_keeps_the_theme(world: World, client_of: ClientOf) -> None:
    client = client_of(world.stranger)
    plain = client.get("/no-such-page").content
    assert str(world.stranger).encode() not in plain
    assert world.elsewhere.name.encode() not in plain
    client.cookies["causeway_theme"] = "dark"
    assert client.get("/no-such-page").content == plain.replace(
        b'<html lang="en">', b'<html lang="en" data-theme="dark">'
    )


@pytest.mark.asvs("V16.5.1")
def test_a_server_error_needs_no_database_and_can_be_found_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    # No database fixture: pytest-django fails the test at the first query.
    answer = errors.server_error(RequestFactory().get("/o/riverbend/deployments/"))
    reference = answer["X-Reference"]
    assert answer.status_code == 500
    assert len(reference) == 10
    assert f"Reference {reference}" in answer.content.decode()
    assert f"server error {reference} GET /o/riverbend/deployments/" in caplog.text


def test_try_again_after_a_failed_post_leads_back_and_never_repeats_it() -> None:
    request = RequestFactory().post(
        "/o/riverbend/gates/1/sign",
        headers={"Host": "testserver", "Referer": "http://testserver/o/riverbend/gates/1?a=b"},
    )
    assert 'href="/o/riverbend/gates/1"' in errors.server_error(request).content.decode()
    foreign = RequestFactory().post(
        "/x", headers={"Host": "testserver", "Referer": "https://evil.example/o/riverbend/"}
    )
    assert "evil.example" not in errors.server_error(foreign).content.decode()


def test_a_refusal_says_why_in_the_words_of_the_rule() -> None:
    answer = errors.forbidden(
        RequestFactory().get("/x"), PermissionDenied("Only the sponsor or the delegate signs G6.")
    )
    assert answer.status_code == 403
    assert "Only the sponsor or the delegate signs G6." in answer.content.decode()


def test_a_refusal_under_htmx_is_a_note_and_not_a_page_in_a_page() -> None:
    request = RequestFactory().post("/x", headers={"HX-Request": "true"})
    text = errors.forbidden(request, PermissionDenied("Only the sponsor signs <b>G6</b>.")).content.decode()
    assert "<html" not in text
    assert text.startswith('<div class="note"')
    assert "Only the sponsor signs &lt;b&gt;G6&lt;/b&gt;." in text


@pytest.mark.asvs("V3.5.1")
def test_a_missing_csrf_token_is_refused_with_what_to_do() -> None:
    answer = Client(enforce_csrf_checks=True).post("/appearance", {"theme": "dark"})
    assert answer.status_code == 403
    assert "This page was open too long" in answer.content.decode()
    assert "causeway_theme" not in answer.cookies


@pytest.mark.asvs("V16.5.1")
def test_a_bad_request_does_not_repeat_what_was_sent() -> None:
    answer = errors.bad_request(RequestFactory().get("/x"), ValueError("<script>"))
    assert answer.status_code == 400
    assert "script>" not in answer.content.decode()
