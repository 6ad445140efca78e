"""A course with a video in its first card."""

from dataclasses import replace

from training.courses.media import described
from training.courses.shape import Block, Captions, Course
from training.learning.tests.classroom import shipped_media

CAPTIONS = b"WEBVTT\n\n00:00.000 --> 00:00.500\nAre you thinking about\n\n00:00.500 --> 00:02.000\nkilling yourself?\n"
_BLOCK = b"\xa3\x01\x00\x00\x00\x00\x00\x28\x00" + bytes(range(256)) * 40
SILENT = b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x01" + b"\xff" * 7 + b"\x1f\x43\xb6\x75\x01" + b"\xff" * 7 + _BLOCK
"""The bones of a WebM file, as a browser records it, and something to ask ranges of; no film."""


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
