"""What the largest page costs a browser that has never been here: GUIDE section 11."""

import gzip
from typing import Any

import pytest

from testing.browser import Windows
from testing.scenes import Scene

pytestmark = [pytest.mark.browser, pytest.mark.transactional, pytest.mark.django_db(transaction=True)]
COMPRESSED = ("text/", "image/svg+xml", "application/javascript")


def on_the_wire(body: bytes, kind: str) -> int:
    """Bytes sent: compressed as `collectstatic` and `web.compression` do it, fonts as they are."""
    return len(gzip.compress(body)) if kind.startswith(COMPRESSED) else len(body)


def test_a_first_view_takes_at_most_ten_requests_and_a_hundred_kilobytes(scene: Scene, window: Windows) -> None:
    page = window.open(scene.world.manager)
    answers: list[Any] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(f"/o/host/deployments/{scene.deployment.pk}/", wait_until="load")
    page.wait_for_timeout(200)  # the icon of the tab is asked for last
    assert page.locator("[data-row]").count() == 101
    cost = {
        answer.url: on_the_wire(answer.body(), answer.headers["content-type"])
        for answer in answers
        if answer.status == 200
    }
    assert len(answers) <= 10, sorted(answer.url for answer in answers)
    assert sum(cost.values()) <= 100_000, cost
    assert {url.split("?")[0].split(":", 1)[1].split("/")[2] for url in cost} == {window.address.split("/")[2]}
