"""Pictures, videos and captions of a course: what they may be."""

import hashlib
import re
import struct

from web.uploads import FileRefused, films, pictures

from .shape import MediaFile

KILOBYTE, MEGABYTE = 1024, 1024 * 1024
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,70}\.(png|jpg|jpeg|mp4|webm|vtt)")
PNG, JPEG, MP4, WEBM, VTT = "image/png", "image/jpeg", "video/mp4", "video/webm", "text/vtt"
TYPES = {"png": PNG, "jpg": JPEG, "jpeg": JPEG, "mp4": MP4, "webm": WEBM, "vtt": VTT}
LARGEST = {PNG: 500 * KILOBYTE, JPEG: 500 * KILOBYTE, MP4: 25 * MEGABYTE, WEBM: 25 * MEGABYTE, VTT: 200 * KILOBYTE}
"""A picture of half a megabyte takes four seconds on a slow phone line; a video begins before it is whole."""
_TIME = r"(?:\d{2,}:)?[0-5]\d:[0-5]\d\.\d{3}"
_CUE = re.compile(rf"^({_TIME})[ \t]+-->[ \t]+({_TIME})(?:[ \t].*)?$", re.MULTILINE)
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


def cleaned(name: str, content: bytes) -> bytes:
    """Return a picture or a film without its metadata; anything else as it is. Raises FileRefused, for a size before it is read."""
    content_type = TYPES.get(name.rsplit(".", 1)[-1], "")
    _refuse_size(content_type, content)
    return films.without_metadata(pictures.without_metadata(content, content_type), content_type)


def described(name: str, content: bytes) -> MediaFile:
    """Say what a file is; raise FileRefused for a name, a size or a content that a course does not take."""
    if not NAME.fullmatch(name):
        raise FileRefused(
            "is no name of a picture, video or captions: lower-case letters, and .png .jpg .mp4 .webm .vtt"
        )
    content_type = TYPES[name.rsplit(".", 1)[1]]
    _refuse_size(content_type, content)
    if not _is(content_type, content):
        raise FileRefused(f"is no {content_type} file")
    width, height = _measures(content_type, content)
    return MediaFile(name, content_type, len(content), hashlib.sha256(content).hexdigest(), width, height)


def _refuse_size(content_type: str, content: bytes) -> None:
    if len(content) > LARGEST.get(content_type, len(content)):
        raise FileRefused(f"is larger than {LARGEST[content_type] // KILOBYTE:,} KB")


def _is(content_type: str, content: bytes) -> bool:
    if content_type == VTT:
        return _is_captions(content)
    if content_type == MP4:
        return content[4:8] == b"ftyp"
    return content.startswith(
        {PNG: b"\x89PNG\r\n\x1a\n", JPEG: b"\xff\xd8\xff", WEBM: b"\x1a\x45\xdf\xa3"}[content_type]
    )


def _is_captions(content: bytes) -> bool:
    """WebVTT, 4: the signature, then at least one cue that has words and ends after it begins; nothing between is markup of ours."""
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return False
    cues = list(_CUE.finditer(text))
    arrows = sum("-->" in line for line in text.split("\n"))
    return (
        re.match(r"WEBVTT(?:[ \t\n]|$)", text) is not None
        and len(cues) == arrows > 0
        and all(_seconds(cue[1]) < _seconds(cue[2]) and text[cue.end() :].lstrip("\n")[:1].strip() for cue in cues)
    )


def _seconds(moment: str) -> float:
    parts = [float(part) for part in moment.split(":")]
    return sum(part * 60.0**power for power, part in enumerate(reversed(parts)))


def _measures(content_type: str, content: bytes) -> tuple[int, int]:
    """Width and height of a picture, so that the page keeps its place; PNG: ISO/IEC 15948, 11.2.2; JPEG: ITU-T T.81, B.2.2."""
    try:
        if content_type == PNG:
            width, height = struct.unpack_from(">II", content, 16)
            return width, height
        at = 2 if content_type == JPEG else len(content)
        while at < len(content):
            if content[at + 1] in _FRAMES:
                height, width = struct.unpack_from(">HH", content, at + 5)
                return width, height
            at += 2 + struct.unpack_from(">H", content, at + 2)[0]
    except (struct.error, IndexError) as error:
        raise FileRefused("is damaged: it ends too early") from error
    return 0, 0
