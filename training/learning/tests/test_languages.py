"""Learner pages in other languages: every word of ours comes from the catalog, and the page says which language it speaks."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation
from django.utils.translation import override

from accounts.models import User
from notices.claim import Envelope
from notices.mail import compose
from notices.models import Reminder
from tenancy.scope import scope
from training.credentials.certificate import certificate_words
from training.learning.actions.answer_quiz import attest
from training.learning.models import Attempt, Completion
from training.learning.tests.classroom import Classroom
from web.catalogs import languages, missing, updated
from web.formats import day, long_day
from web.jinja import _said

ClientOf = Callable[[User], Client]
MARKED = re.compile(r"⟦[^⟦⟧]*⟧")
DATA = {"Causeway", "Riverbend Community Health", "Main Street", "Stillwater CBT", "Ctrl", "Enter", "Esc", "PDF"}
SPOKEN = ("aria-label", "placeholder", "title", "alt")
VOID = {"meta", "link", "input", "br", "hr", "img", "path", "use", "rect", "circle"}


class Words(HTMLParser):
    """Collects what people read or hear, but for what says that it is in another language or direction (course text)."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.text = ""
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        apart = tag in ("script", "style", "svg", "time") or (
            tag != "html" and ("lang" in given or given.get("dir") == "auto")
        )
        outside = apart or any(away for _, away in self.open)
        if not outside or tag == "svg":
            self.said += [given[name] or "" for name in SPOKEN if name in given]
        if tag not in VOID:
            self.open.append((tag, apart))

    def handle_endtag(self, tag: str) -> None:
        while tag not in VOID and self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(away for _, away in self.open):
            self.text += data


def unmarked(page: str, data: set[str]) -> list[str]:
    """Words of a page in the marking language that came from no catalog and are no data."""
    words = Words()
    words.feed(page)
    left = []
    for text in [words.text, *words.said]:
        before = None
        while before != text:
            before, text = text, MARKED.sub(" ", text)
        for known in sorted(data, key=len, reverse=True):
            text = text.replace(known, " ")
        text = re.sub(r"\b[A-Z]{1,3}\b", " ", text)  # keys and monograms
        left += re.findall(r"[^\W\d_][^\n]*", text)
    return left


@pytest.fixture
def marking(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A language in which every sentence that the catalog has stands in brackets; one that was not gathered does not.

    What pages have said before is forgotten: it had no brackets, and what they say now must not stay.
    """
    _said.cache_clear()
    known = {message.id[0] if isinstance(message.id, tuple) else message.id for message in updated("es")}
    monkeypatch.setattr(translation._trans, "gettext", lambda message: f"⟦{message}⟧" if message in known else message)
    monkeypatch.setattr(translation._trans, "ngettext", lambda one, many, number: f"⟦{many}⟧" if one in known else many)
    yield
    _said.cache_clear()


def test_the_catalogs_are_complete_current_and_compiled() -> None:
    call_command("messages", "--check")
    assert languages() == ["es", "ar"]
    assert [missing(updated(language)) for language in languages()] == [[], []]


@pytest.mark.parametrize("language", ["es", "ar"])
def test_a_translation_names_the_same_values_as_its_sentence(language: str) -> None:
    for message in updated(language):
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        translated = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set(re.findall(r"%\(\w+\)s|%%", originals[-1]))
        for text in translated if message.id else ():
            assert set(re.findall(r"%\(\w+\)s|%%", text)) <= wanted, text
        if message.id and not isinstance(message.id, tuple):
            assert set(re.findall(r"%\(\w+\)s|%%", translated[0])) == wanted, message.id


def test_no_word_of_a_learner_page_is_left_outside_the_catalog(
    classroom: Classroom, client_of: ClientOf, marking: None
) -> None:
    classroom.world.learner.language = "es"
    classroom.world.learner.save(update_fields=["language"])
    learner, course = classroom.world.learner, f"/o/host/learning/{classroom.assignment.pk}/"
    content = classroom.version.content
    data = DATA | {learner.name, classroom.world.manager.name, content.title, content.summary}
    data |= {lesson.title for lesson in content.lessons} | {module.title for module in content.modules}
    data |= {content.attestation.title, content.version}
    data |= {card.title for lesson in content.lessons for card in lesson.cards} | {case.title for case in content.cases}
    client = client_of(learner)
    lesson = f"{course}lessons/who-it-helps/"
    seen = {"mine": client.get("/o/host/learning/"), "course": client.get(course), "card": client.get(lesson)}
    seen["second card"] = client.get(client.post(f"{lesson}read/", {"step": "1"})["Location"])
    with scope(classroom.world.host.pk):
        attempt = Attempt.running(classroom.read("who-it-helps"))
    seen["question"] = client.get(lesson)
    sent = {"attempt": attempt.pk, "question": attempt.questions[0]["key"], "token": str(uuid4())}
    seen["refused"] = client.post(f"{lesson}answers/", sent)
    seen["feedback"] = client.get(client.post(f"{lesson}answers/", {**sent, "choice": "0"})["Location"])
    with scope(classroom.world.host.pk):
        wrong = tuple(entry["key"] for entry in attempt.questions[1:])
        open_ones = SimpleNamespace(questions=attempt.questions[1:], question=attempt.question, answer=attempt.answer)
        classroom.answer(open_ones, wrong=wrong)  # type: ignore[arg-type]
    seen["result"] = client.get(lesson)
    with scope(classroom.world.host.pk):
        classroom.pass_lessons()
    seen["passed"] = client.get(lesson)
    seen["attestation"] = client.get(f"{course}attestation/")
    seen["not signed"] = client.post(f"{course}attestation/", {"typed_name": ""})
    with scope(classroom.world.host.pk):
        attest(classroom.assignment, typed_name=learner.name, address=None, device="", by=classroom.learner)
        completion = Completion.objects.get()
    seen["finished course"] = client.get(course)
    seen["all finished"] = client.get("/o/host/learning/")
    seen["observations"] = client.get("/o/host/learning/observations/")
    seen["certificate"] = client.get(f"/v/host/{completion.code}/")
    assert {name: answer.status_code for name, answer in seen.items() if answer.status_code not in (200, 422)} == {}
    left = {name: found for name, answer in seen.items() if (found := unmarked(answer.content.decode(), data))}
    assert left == {}


@pytest.mark.parametrize(
    ("language", "attributes", "says"),
    [
        ("en-us", '<html lang="en"', ["My learning", "0 of 6 lessons passed"]),
        ("es", '<html lang="es"', ["Mi formación", "0 de 6 lecciones aprobadas"]),
        ("ar", '<html lang="ar" dir="rtl"', ["تعلّمي", "اجتزت 0 من 6 من الدروس"]),
    ],
)
def test_a_page_speaks_the_persons_language_and_says_so(
    classroom: Classroom, client_of: ClientOf, language: str, attributes: str, says: list[str]
) -> None:
    learner = classroom.world.learner
    learner.language = language
    learner.save(update_fields=["language"])
    client = client_of(learner)
    page = client.get("/o/host/learning/").content.decode()
    assert attributes in page
    assert [text for text in says if text not in page] == []
    card = client.get(f"/o/host/learning/{classroom.assignment.pk}/lessons/who-it-helps/").content.decode()
    assert ' lang="en-US" dir="ltr"' in card
    assert '<html lang="en"' in client.get("/o/host/inbox/").content.decode() or language == "en-us"


def test_a_stranger_reads_a_certificate_in_the_browsers_language(classroom: Classroom) -> None:
    with scope(classroom.world.host.pk):
        classroom.pass_lessons()
        attest(classroom.assignment, typed_name="Prescriber Host", address=None, device="", by=classroom.learner)
        completion = Completion.objects.select_related("version").get()
    page = Client().get(f"/v/host/{completion.code}/", headers={"Accept-Language": "es-MX,es;q=0.9"}).content.decode()
    assert '<html lang="es"' in page
    assert "Este certificado es válido" in page
    with override("es"), scope(classroom.world.host.pk):
        words = certificate_words(classroom.world.host, completion)
    assert (words["language"], words["heading"], words["passed"]) == (
        "es", "Certificado de finalización", "ha aprobado el curso",
    )  # fmt: skip


def test_dates_and_plurals_follow_the_language() -> None:
    when = date(2031, 11, 24)
    written = {}
    for language in ("en-us", "es", "ar"):
        with override(language):
            count = [
                translation.ngettext("%(num)s question.", "%(num)s questions.", n) % {"num": n} for n in (1, 2, 5, 11)
            ]
            written[language] = (day(when), long_day(when), count)
    assert written["en-us"] == (
        "24 Nov 2031",
        "24 November 2031",
        ["1 question.", "2 questions.", "5 questions.", "11 questions."],
    )
    assert written["es"] == (
        "24 nov 2031",
        "24 de noviembre de 2031",
        ["1 pregunta.", "2 preguntas.", "5 preguntas.", "11 preguntas."],
    )
    assert written["ar"][0] == "24 نوفمبر 2031"
    assert len(set(written["ar"][2])) == 4
    assert written["ar"][2][2:] == ["5 أسئلة.", "11 سؤالًا."]


def test_a_digest_speaks_the_readers_language(classroom: Classroom) -> None:
    learner = classroom.world.learner
    learner.language = "es"
    learner.save(update_fields=["language"])
    with scope(classroom.world.host.pk):
        row = Reminder(
            recipient=learner, kind="training.assignment_due", subject_type="learning.assignment",
            subject_id=classroom.assignment.pk, step="0", reason="You own it.", on=date(2027, 2, 23), time_zone="UTC",
            due_at=datetime(2027, 2, 23, tzinfo=UTC), next_at=datetime(2027, 2, 23, tzinfo=UTC),
        )  # fmt: skip
        row.save(force_insert=True)
        letter = compose([Envelope(uuid4(), [row], datetime(2027, 2, 23, tzinfo=UTC))])[0]
    assert letter.message is not None
    text = str(letter.message.body)
    assert "necesita esto de usted." in text
    assert "Es su responsabilidad." in text
    assert "Formación · " in text
    assert 'lang="es"' in str(letter.message.alternatives[0][0])


def test_account_mails_are_in_spanish_too() -> None:
    with override("es"):
        body = render_to_string("account/email/login_code_message.txt", {"code": "ABCD-EFGH"}, using="django")
        title = render_to_string("account/email/login_code_subject.txt", {}, using="django")
    assert "Introduzca este código" in body
    assert "Nunca envíe datos de pacientes" in body
    assert title.strip() == "Su código de acceso"
