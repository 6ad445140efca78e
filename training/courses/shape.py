"""What a course is: frozen, hashed, and free of the database."""

import hashlib
import json
import re
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

CHANGES = ("major", "material", "minor")
"""What a version asks of people who passed the one before: everything again, what was changed, nothing."""
SITE_VALUE = re.compile(r"\[\[([^\[\]]*)\]\]")


@dataclass(frozen=True)
class Source:
    """Where something taught comes from; lessons name it by key."""

    key: str
    title: str
    url: str


@dataclass(frozen=True)
class SiteValue:
    """What differs by site (a phone number, a time limit); written ``[[key]]`` in the text."""

    key: str
    label: str
    default: str


@dataclass(frozen=True)
class Attestation:
    """What the learner signs after passing."""

    title: str
    text: str


@dataclass(frozen=True)
class ObservedItem:
    """One thing an observer sees the learner do."""

    key: str
    text: str


@dataclass(frozen=True)
class Observation:
    """A checklist that somebody else fills in while watching."""

    title: str
    items: tuple[ObservedItem, ...]
    live: bool = False
    """Whether attending a live session counts as showing all of it."""


@dataclass(frozen=True)
class Module:
    """Lessons passed together, under a pass mark of their own where it differs from the course's."""

    key: str
    title: str
    pass_mark: int
    lessons: tuple[str, ...]
    draw: int = 0
    """How many questions each of its lessons draws from its bank; 0: all."""


@dataclass(frozen=True)
class MediaFile:
    """A file of the course's media folder; its hash stands in the course's, so a changed picture is a changed course."""

    name: str
    content_type: str
    size: int
    sha256: str
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class Captions:
    """A video's words in one language, as WebVTT."""

    language: str
    file: str


@dataclass(frozen=True)
class Block:
    """A stretch of Markdown: plain text, a callout of one of ``BLOCKS``, or something to look at.

    Of a picture `title` is the caption and `markdown` what stands for it; of a video `markdown` is the transcript.
    """

    kind: str
    title: str
    markdown: str
    file: str = ""
    poster: str = ""
    captions: tuple[Captions, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the media files it needs."""
        return tuple(name for name in (self.file, self.poster, *(one.file for one in self.captions)) if name)


@dataclass(frozen=True)
class Card:
    """One screen of a lesson; the learner resumes at a card."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Lesson:
    """At most fifteen minutes, cut into cards."""

    key: str
    title: str
    minutes: int
    sources: tuple[str, ...]
    cards: tuple[Card, ...]
    kind: str = "reading"
    """How it is passed: one of `training.courses.kinds`."""


@dataclass(frozen=True)
class Answer:
    """One answer with the feedback shown to whoever chose it."""

    text: str
    correct: bool
    feedback: str


@dataclass(frozen=True)
class Question:
    """Asked after its lesson or in the final test; a critical one must be right whatever the score."""

    key: str
    lesson: str
    quiz: str
    kind: str
    critical: bool
    prompt: str
    answers: tuple[Answer, ...]
    cards: tuple[int, ...] = ()
    """Which cards of its lesson a wrong answer sends back to; none: all of them."""


@dataclass(frozen=True)
class Choice:
    """A way on from a scene."""

    text: str
    next: str
    feedback: str


@dataclass(frozen=True)
class CaseFact:
    """A figure or fact shown beside the scene."""

    label: str
    value: str


@dataclass(frozen=True)
class Scene:
    """One moment of a case: choices, or an ending."""

    key: str
    text: str
    facts: tuple[CaseFact, ...]
    choices: tuple[Choice, ...]
    ending: str


@dataclass(frozen=True)
class Case:
    """A simulated case that branches; practice, never scored."""

    key: str
    lesson: str
    title: str
    start: str
    scenes: tuple[Scene, ...]


@dataclass(frozen=True)
class Credit:
    """What passing is worth to a profession: contact hours, as text so that 0.50 stays 0.50."""

    key: str
    title: str
    hours: str


@dataclass(frozen=True)
class Earlier:
    """A version before this one, and what it asked of people who had passed the one before it."""

    version: str
    change: str


@dataclass(frozen=True)
class Course:
    """One version of a course in one language."""

    schema: int
    key: str
    title: str
    version: str
    change: str
    language: str
    translation_of: str
    roles: tuple[str, ...]
    summary: str
    minutes: int
    final_minutes: int
    pass_mark: int
    expires_months: int
    attestation: Attestation | None
    observation: Observation | None
    site_values: tuple[SiteValue, ...]
    sources: tuple[Source, ...]
    modules: tuple[Module, ...]
    lessons: tuple[Lesson, ...]
    questions: tuple[Question, ...]
    cases: tuple[Case, ...]
    final_draw: int = 0
    cool_down_minutes: int = 0
    """After an attempt that did not pass, the next begins so many minutes later."""
    credits: tuple[Credit, ...] = ()
    remediate: bool = False
    """After an attempt that did not pass, what was wrong is read again before the next one."""
    media: tuple[MediaFile, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    """The newest first."""

    def change_since(self, version: str) -> str:
        """Return what it asks of people who passed that version: the gravest change of those that came between."""
        known = [one.version for one in self.earlier]
        between = self.earlier[: known.index(version)] if version in known else ()
        return min((self.change, *(one.change for one in between)), key=CHANGES.index)

    @property
    def canonical(self) -> str:
        """The course as JSON with sorted keys and no spaces, the same on every machine.

        What was added to the format later and is left out does not stand in it: a course keeps its hash.
        """
        return json.dumps(_said(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @property
    def sha256(self) -> str:
        """What a completion, a copy and a translation are bound to."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()


def _said(value: Any) -> Any:
    if is_dataclass(value):
        parts = {part.name: (part, getattr(value, part.name)) for part in fields(value)}
        return {name: _said(inner) for name, (part, inner) in parts.items() if inner != part.default}
    return [_said(part) for part in value] if isinstance(value, tuple) else value


def fill(text: str, values: dict[str, str]) -> str:
    """Put a site's values in the place of ``[[key]]``; a value that is missing raises KeyError."""
    return SITE_VALUE.sub(lambda found: values[found[1]], text)
