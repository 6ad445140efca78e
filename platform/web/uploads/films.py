"""Takes out of films what is not film: places, cameras, dates, names, attachments. Nothing moves: what goes is overwritten.

MP4: ISO/IEC 14496-12 (boxes; `free` may stand anywhere). WebM: RFC 8794 (EBML; Void may stand anywhere) and RFC 9559.
A film with a track of anything but picture, sound and words is refused: cameras write where they were into such tracks.
What makes work without end is refused: parts in parts in parts, and more of them than any film has.
"""

import struct
from collections.abc import Iterator

from web.uploads import FileRefused

MP4, WEBM = "video/mp4", "video/webm"
_TOP = {b"ftyp", b"styp", b"moov", b"mdat", b"moof", b"mfra", b"sidx", b"free"}
_BOXES = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"mvex", b"edts"}
_WORDS = {b"udta", b"meta", b"uuid", b"skip", b"free", b"XMP_"}
_DATED = {b"mvhd", b"tkhd", b"mdhd"}
_HANDLERS = {b"vide", b"soun", b"text", b"sbtl", b"subt", b"clcp"}

_VOID, _CRC = 0xEC, 0xBF
_SEGMENT, _INFO, _TRACKS, _TRACK, _SEEKHEAD, _SEEK, _SEEK_ID, _CLUSTER = (
    0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0x114D9B74, 0x4DBB, 0x53AB, 0x1F43B675,
)  # fmt: skip
_TAGS, _ATTACHMENTS, _CHAPTERS = 0x1254C367, 0x1941A469, 0x1043A770
_GONE = {_TAGS, _ATTACHMENTS, _CHAPTERS, _CRC, _VOID, 0x7BA9, 0x4461, 0x7384, 0x73A4, 0x536E}
"""And a segment's title, date, file name and id, and a track's name."""
_EMPTIED = {0x4D80, 0x5741}
"""The programs that wrote it: the format wants them to be there."""
_TRACK_TYPE, _TYPES = 0x83, {1, 2, 17}
_OPENED = {_SEGMENT, _INFO, _TRACKS, _TRACK, _SEEKHEAD, _SEEK, _CLUSTER}
_DAMAGED = "The film is damaged."
MOST_PARTS, DEEPEST = 200_000, 8
"""Boxes or elements in one film, and how deep they nest: a real one needs 5 levels; half an hour as a browser records it has 150,000."""


class _Film(bytearray):
    """The film, and how many of its parts may still be looked at."""

    left = MOST_PARTS

    def part(self) -> None:
        """Count one."""
        self.left -= 1
        if self.left < 0:
            raise FileRefused(f"holds more than {MOST_PARTS:,} parts: export it anew.")


def without_metadata(content: bytes, content_type: str) -> bytes:
    """Return the film alone, as long as it was; other kinds of files as they are.

    Raises FileRefused for a damaged one, and for tracks that a learner neither sees nor hears.
    """
    if content_type not in (MP4, WEBM):
        return content
    film = _Film(content)
    try:
        if content_type == MP4:
            _mp4(film, 0, len(film))
        else:
            _webm(film, 0, len(film))
    except (IndexError, struct.error) as error:
        raise FileRefused(_DAMAGED) from error
    return bytes(film)


def _mp4(film: _Film, at: int, end: int, depth: int = 0, track: bytes = b"") -> None:
    for kind, head, start, stop in _boxes(film, at, end, top=not depth):
        if kind in _WORDS or (not depth and kind not in _TOP):
            film[head + 4 : head + 8] = b"free"
            _zero(film, start, stop, stop)
        elif kind in _DATED:
            _zero(film, start + 4, start + (20 if film[start] == 1 else 12), stop)
        elif kind == b"hdlr":
            _zero(film, start + 24, stop, stop)  # its name, often the camera's
            if _handler(film, start) not in _HANDLERS:
                name = _handler(film, start).decode("latin-1").strip()
                raise FileRefused(f"holds a track that is neither picture, sound nor words ({name}): export it without.")  # fmt: skip
        elif kind == b"stsd" and track == b"vide":
            for _, _, entry, entry_end in _boxes(film, start + 8, stop):
                _zero(film, entry + 42, entry + 74, entry_end)  # what it was compressed with
        elif kind in _BOXES:
            _mp4(film, start, stop, _deeper(depth), _track(film, start, stop) if kind == b"mdia" else track)


def _boxes(film: _Film, at: int, end: int, *, top: bool = False) -> Iterator[tuple[bytes, int, int, int]]:
    """Yield kind, where the box begins, where its content does, and where it ends; the last at the top may be without size."""
    while at < end:
        film.part()
        size, kind = struct.unpack_from(">I4s", film, at)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", film, at + 8)
            head = 16
        elif size == 0 and top:
            size = end - at
        if size < head or at + size > end:
            raise FileRefused(_DAMAGED)
        yield kind, at, at + head, at + size
        at += size


def _track(film: _Film, start: int, stop: int) -> bytes:
    """What a track's `mdia` holds, wherever in it the handler stands."""
    return next((_handler(film, inside) for kind, _, inside, _ in _boxes(film, start, stop) if kind == b"hdlr"), b"")


def _handler(film: _Film, start: int) -> bytes:
    return bytes(film[start + 8 : start + 12])


def _zero(film: _Film, at: int, to: int, stop: int) -> None:
    """Overwrite what lies inside a box that ends at `stop`; a box that is too short for it is damaged."""
    if not at <= to <= stop:
        raise FileRefused(_DAMAGED)
    film[at:to] = bytes(to - at)


def _deeper(depth: int) -> int:
    if depth == DEEPEST:
        raise FileRefused(_DAMAGED)
    return depth + 1


def _webm(film: _Film, at: int, end: int, depth: int = 0) -> None:
    for name, head, start, stop in _elements(film, at, end):
        if name in _GONE or (name == _SEEK and _seeks(film, start, stop) in _GONE):
            _void(film, head, stop)
        elif name in _EMPTIED:
            _zero(film, start, stop, stop)
        elif name == _TRACK_TYPE and int.from_bytes(film[start:stop], "big") not in _TYPES:
            raise FileRefused("holds a track that is neither picture, sound nor words: export it without.")
        elif name in {_SEGMENT, _INFO, _TRACKS, _TRACK, _SEEKHEAD}:
            _webm(film, start, stop, _deeper(depth))


def _elements(film: _Film, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield id, where the element begins, where its content does, and where it ends; one of unknown size is opened."""
    while at < end:
        film.part()
        head = at
        name, at = _number(film, at, keep=True)
        size, start = _number(film, at)
        unknown = size == (1 << 7 * (start - at)) - 1
        if unknown and name not in _OPENED:
            raise FileRefused(_DAMAGED)
        at = start if unknown else start + size
        if at > end:
            raise FileRefused(_DAMAGED)
        if not unknown:
            yield name, head, start, at


def _number(film: _Film, at: int, *, keep: bool = False) -> tuple[int, int]:
    """Read a number of variable length (RFC 8794, 4); `keep` its marker, as ids do. Return it and where it ends."""
    first = film[at]
    length = 9 - first.bit_length()
    if length > (4 if keep else 8) or at + length > len(film):
        raise FileRefused(_DAMAGED)
    value = int.from_bytes(film[at : at + length], "big")
    return (value if keep else value & ((1 << 7 * length) - 1)), at + length


def _seeks(film: _Film, start: int, stop: int) -> int:
    found = [int.from_bytes(film[inside:after], "big") for name, _, inside, after in _elements(film, start, stop) if name == _SEEK_ID]  # fmt: skip
    return found[0] if found else 0


def _void(film: _Film, at: int, stop: int) -> None:
    """Make an element a Void of the same length: one byte of id, then one or eight of size."""
    length = stop - at
    wide = 8 if length > 9 else 1
    size = length - 1 - wide
    film[at:stop] = bytes([_VOID]) + (size | 1 << 7 * wide).to_bytes(wide, "big") + bytes(size)
