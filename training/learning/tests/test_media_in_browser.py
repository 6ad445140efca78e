"""Pictures and videos on a phone: a real film plays with its captions, and what is ahead is there when the network goes."""

import base64
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tenancy.scope import scope
from testing.browser import PHONE, Windows, turn
from training.courses.media import cleaned
from training.courses.models import CourseDraft
from training.courses.shape import Course
from training.learning.actions.publish_draft import publish_draft
from training.learning.models import Assignment
from training.learning.tests.classroom import Classroom
from training.learning.tests.filming import filmed

pytestmark = [pytest.mark.browser, pytest.mark.transactional, pytest.mark.django_db(transaction=True)]
NETWORK = re.compile(r"ERR_INTERNET_DISCONNECTED|ERR_FAILED|: htmx:(afterRequest|sendError)")
FILM = """() => new Promise((done) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 160, height: 90 });
  const pen = canvas.getContext("2d"), parts = [];
  const camera = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/webm;codecs=vp8" });
  let shot = 0;
  const draw = setInterval(() => {
    pen.fillStyle = `hsl(${(shot += 1) * 20} 80% 50%)`;
    pen.fillRect(0, 0, 160, 90);
    if (shot === 30) { clearInterval(draw); camera.stop(); }
  }, 50);
  camera.ondataavailable = (event) => parts.push(event.data);
  camera.onstop = () => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result.split(",")[1]);
    reader.readAsDataURL(new Blob(parts));
  };
  camera.start();
})"""


@pytest.fixture
def phone(classroom: Classroom, window: Windows, prescriber_course: Course) -> Any:
    """A phone with the prescriber's first card before it, in which a film of a second and a half stands."""
    page = window.open(classroom.world.learner, size=PHONE)
    film = base64.b64decode(page.evaluate(FILM))
    assert cleaned("ask.webm", film) != film  # the program that wrote it, at least
    course, media = filmed(prescriber_course, cleaned("ask.webm", film))
    with scope(classroom.world.host.pk):
        draft = CourseDraft.upload(course, media=media, file_name="film.zip", by=classroom.manager)
        publish_draft(draft, by=classroom.manager)
        assignment = Assignment.objects.get()
    page.goto(f"/o/host/learning/{assignment.pk}/lessons/who-it-helps/")
    yield page
    window.problems[:] = [one for one in window.problems if not NETWORK.search(one)]


def test_a_film_loads_when_it_is_started_and_plays_with_its_captions(phone: Page) -> None:
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url) if "ask.webm" in request.url else None)
    phone.get_by_text("Read it instead").click()
    expect(phone.get_by_text("Are you thinking about killing yourself?")).to_be_visible()
    assert asked == []
    phone.evaluate("() => { const film = document.querySelector('video'); film.muted = true; return film.play(); }")
    phone.wait_for_function("() => document.querySelector('video').currentTime > 0.2")
    phone.wait_for_function("() => document.querySelector('video').textTracks[0].cues?.length === 2")
    words = "() => [...document.querySelector('video').textTracks[0].cues].map((cue) => cue.text)"
    assert phone.evaluate(words) == ["Are you thinking about", "killing yourself?"]
    assert phone.evaluate("document.querySelector('video').textTracks[0].mode") == "showing"
    assert asked
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_pictures_of_the_cards_ahead_are_there_when_the_network_is_gone(classroom: Classroom, phone: Page) -> None:
    lesson = "when-item-9-is-above-zero"
    phone.goto(phone.url.replace("who-it-helps", lesson))
    turn(phone, phone.locator(".sheet .btn.primary").click)
    phone.wait_for_function(
        "() => performance.getEntriesByType('resource').some(({ name }) => name.endsWith('six-questions.png'))"
    )
    phone.context.set_offline(True)
    turn(phone, phone.locator(".sheet .btn.primary").click)
    seen = phone.locator("figure img")
    expect(seen).to_be_visible()
    expect(seen).to_have_attribute("alt", re.compile("^Six boxes from top to bottom"))
    phone.wait_for_function("() => document.querySelector('figure img').naturalWidth === 960")
    phone.context.set_offline(False)
    phone.wait_for_function("() => localStorage.getItem('causeway-queue') === '[]'")


def test_a_film_is_worked_by_the_keyboard_alone(phone: Page) -> None:
    video = phone.locator("video")
    for _ in range(20):
        phone.keyboard.press("Tab")
        if phone.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    phone.keyboard.press("Enter")
    expect(phone.get_by_text("Are you thinking about killing yourself?")).to_be_visible()
    phone.keyboard.press("Tab")
    expect(video).to_be_focused()
    video.evaluate("film => { film.muted = true; film.loop = true; }")
    phone.keyboard.press("Space")
    phone.wait_for_function("() => !document.querySelector('video').paused")
    phone.wait_for_function("() => document.querySelector('video').currentTime > 0.1")
    step = phone.locator(".lesson").get_attribute("data-step")
    phone.keyboard.press("Enter")  # the player's own: it neither takes the focus away nor leads on
    expect(video).to_be_focused()
    expect(phone.locator(".lesson")).to_have_attribute("data-step", str(step))


def test_a_film_without_a_network_says_so_and_shows_its_words(phone: Page) -> None:
    phone.context.set_offline(True)
    phone.evaluate("() => { document.querySelector('video').play().catch(() => {}); }")
    expect(phone.get_by_text("The video needs the network. Its words are above.")).to_be_visible()
    expect(phone.get_by_text("Are you thinking about killing yourself?")).to_be_visible()
    phone.context.set_offline(False)
