"""Takes out of pictures what is not picture: places, cameras, names, comments. Not a pixel is touched.

JPEG: ITU-T T.81, B.1 (segments); Exif 2.32, 4.6 (orientation). PNG: ISO/IEC 15948, 5.3 (chunks).
"""

import struct

from web.uploads import FileRefused

JPEG, PNG = "image/jpeg", "image/png"
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_PNG_WORDS = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}
_START, _END, _SCAN, _COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
_ALONE = {0x01, *range(0xD0, 0xD8)}
_APP0, _APP1, _APP2, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF
_EXIF = b"Exif\x00\x00"
_ORIENTATION = 0x0112


def without_metadata(content: bytes, content_type: str) -> bytes:
    """Return the picture alone, the way up it was; other kinds of files as they are. Raises FileRefused for a damaged one."""
    try:
        if content_type == JPEG:
            return _jpeg(content)
        return _png(content) if content_type == PNG else content
    except (IndexError, struct.error) as error:
        raise FileRefused("The picture is damaged: it ends too early.") from error


def _jpeg(content: bytes) -> bytes:
    kept, turned, at = [content[:2]], b"", 2
    while True:
        if content[at] != 0xFF:
            raise FileRefused("The picture is damaged.")
        marker = content[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == _END:
            # What follows the end is another picture, with its own metadata, or nothing that a picture needs.
            return b"".join([kept[0], turned, *kept[1:], content[at : at + 2]])
        if marker in _ALONE:
            kept.append(content[at : at + 2])
            at += 2
            continue
        (length,) = struct.unpack_from(">H", content, at + 2)
        end = at + 2 + length
        body = content[at + 4 : end]
        if len(body) != length - 2:
            raise FileRefused("The picture is damaged: it ends too early.")
        if marker == _APP1 and body.startswith(_EXIF):
            turned = turned or _upright(_orientation(body[len(_EXIF) :]))
        if _is_picture(marker, body):
            kept.append(content[at:end])
        at = end
        if marker == _SCAN:
            start, at = at, _end_of_scan(content, at)
            kept.append(content[start:at])


def _is_picture(marker: int, body: bytes) -> bool:
    if marker == _APP2:
        return body.startswith(b"ICC_PROFILE\x00")
    return marker in {_APP0, _APP14} or not (_APP0 <= marker <= _APP15 or marker == _COMMENT)


def _end_of_scan(content: bytes, at: int) -> int:
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            raise FileRefused("The picture is damaged: it ends too early.")
        if content[at + 1] != 0x00 and content[at + 1] not in _ALONE:
            return at
        at += 2


def _orientation(tiff: bytes) -> int:
    """Return Exif's orientation, 1 to 8; 1 where it says nothing that makes sense."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for number in range(min(count, 200)):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * number)
            if tag == _ORIENTATION:
                return int(value) if 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def _upright(orientation: int) -> bytes:
    """Return an Exif segment that says nothing but which side is up; nothing for the usual one."""
    if orientation == 1:
        return b""
    tiff = b"MM\x00\x2a" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, orientation, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", 2 + len(_EXIF) + len(tiff)) + _EXIF + tiff


def _png(content: bytes) -> bytes:
    kept, at = [_PNG_HEAD], len(_PNG_HEAD)
    while True:
        (length,) = struct.unpack_from(">I", content, at)
        kind, end = content[at + 4 : at + 8], at + 12 + length
        if end > len(content):
            raise FileRefused("The picture is damaged: it ends too early.")
        if kind not in _PNG_WORDS:
            kept.append(content[at:end])
        if kind == b"IEND":
            return b"".join(kept)
        at = end
