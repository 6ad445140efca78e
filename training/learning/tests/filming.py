"""A course with a video in its first card."""

from dataclasses import replace

from training.courses.media import described
from training.courses.shape import Block, Captions, Course
from training.learning.tests.classroom import shipped_media

CAPTIONS = b"WEBVTT\n\n00:00.000 --> 00:00.500\nAre you thinking about\n\n00:00.500 --> 00:02.000\nkilling yourself?\n"
SILENT = b"\x1a\x45\xdf\xa3" + bytes(range(256)) * 40
"""The head of a WebM file and something to ask ranges of; no film."""


def filmed(course: Course, film: bytes = SILENT, **parts: object) -> tuple[Course, dict[str, bytes]]:
    """Return the next minor version of a starter with a video in its first card, and all of its media."""
    media = {**shipped_media(course), "ask.webm": film, "ask.vtt": CAPTIONS}
    video = Block(
        "video", "Ask plainly", "**Nurse:** Are you thinking about killing yourself?", "ask.webm", "six-questions.png",
        (Captions("en-US", "ask.vtt"),),
    )  # fmt: skip
    first = course.lessons[0]
    card = replace(first.cards[0], blocks=(*first.cards[0].blocks, video))
    lessons = (replace(first, cards=(card, *first.cards[1:])), *course.lessons[1:])
    known = tuple(described(name, media[name]) for name in sorted(media))
    return replace(course, **{"version": "1.1", "change": "minor", "lessons": lessons, "media": known, **parts}), media
