"""Films without what is not film: built box by box, so that every byte is known."""

import struct

import pytest

from web.uploads import FileRefused
from web.uploads.films import MOST_PARTS, MP4, WEBM, without_metadata

PLACE = b"+40.7128-074.0060/"


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def handler(kind: bytes) -> bytes:
    return box(b"hdlr", bytes(8), kind, bytes(12), b"Camera of Ann\0")


def entry(kind: bytes, name: bytes) -> bytes:
    """A sample entry of a picture: ISO/IEC 14496-12, 12.1.3; the name is a Pascal string of 32 octets."""
    compressor = bytes([len(name)]) + name.ljust(31, b"\0")
    return box(kind, bytes(6), b"\0\1", bytes(16), struct.pack(">HH", 640, 360), bytes(14), compressor, b"\0\x18\xff\xff", box(b"avcC", b"\1"))  # fmt: skip


STSD = box(b"stsd", bytes(7), b"\1", entry(b"avc1", b"Phone of Ann"))


def mp4(*tracks: bytes) -> bytes:
    head = box(b"mvhd", bytes(4), struct.pack(">II", 3_800_000_000, 3_800_000_001), bytes(88))
    traks = [
        box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", STSD, box(b"stco", bytes(4)))), handler(kind)))
        for kind in tracks
    ]
    return (
        box(b"ftyp", b"isom", bytes(4))
        + box(b"moov", head, *traks, box(b"udta", box(b"\xa9xyz", PLACE)), box(b"meta", b"com.apple.quicktime.model iPhone"))
        + box(b"uuid", b"<x:xmpmeta>Elm Street</x:xmpmeta>")
        + struct.pack(">I4sQ", 1, b"mdat", 16 + 300) + bytes(range(256)) + bytes(44)
    )  # fmt: skip


def element(name: str, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return bytes.fromhex(name) + (len(body) | 1 << 28).to_bytes(4, "big") + body


INFO = element("1549a966", element("4d80", b"Camera"), element("4461", bytes(8)), element("7ba9", b"At Elm Street"))
TAGS = element("1254c367", element("7373", element("67c8", b"LOCATION", PLACE)))
CLUSTER = element("1f43b675", element("e7", b"\x00"), element("a3", b"\x81\x00\x00\x80", PLACE))


def webm(kind: bytes, unknown: bool = False) -> bytes:
    seek = element("114d9b74", element("4dbb", element("53ab", bytes.fromhex("1254c367")), element("53ac", b"\x40")))
    tracks = element("1654ae6b", element("ae", element("83", kind), element("536e", b"Ann")))
    body = seek + INFO + tracks + CLUSTER + TAGS
    segment = bytes.fromhex("1853806701ffffffffffffff") + body if unknown else element("18538067", body)
    return element("1a45dfa3", element("4282", b"webm")) + segment


def test_an_mp4_keeps_every_sample_in_its_place_and_loses_where_when_and_with_what_it_was_made() -> None:
    film = mp4(b"vide")
    clean = without_metadata(film, MP4)
    assert len(clean) == len(film)
    for secret in (
        PLACE,
        b"iPhone",
        b"Elm Street",
        b"Camera of Ann",
        b"\x0cPhone of Ann",
        struct.pack(">I", 3_800_000_000),
    ):
        assert secret in film
        assert secret not in clean
    assert clean[-316:] == film[-316:]
    assert [
        clean.count(kept)
        for kept in (b"vide", b"avc1", b"avcC", struct.pack(">HH", 640, 360), b"\0\x18\xff\xff", b"stco")
    ] == [1] * 6
    assert clean.count(b"free") == 3
    assert without_metadata(clean, MP4) == clean


@pytest.mark.parametrize("unknown", [False, True], ids=["sized", "as a browser records it"])
def test_a_webm_keeps_every_block_in_its_place_and_loses_the_rest(unknown: bool) -> None:
    film = webm(b"\x01", unknown)
    clean = without_metadata(film, WEBM)
    assert len(clean) == len(film)
    for secret in (b"Camera", b"At Elm Street", b"Ann", bytes.fromhex("1254c367")):
        assert secret in film
        assert secret not in clean
    assert clean.count(PLACE) == 1  # in the block: that is film
    assert clean[film.index(CLUSTER) :][: len(CLUSTER)] == CLUSTER
    assert without_metadata(clean, WEBM) == clean


@pytest.mark.parametrize(("film", "kind"), [(mp4(b"vide", b"meta"), MP4), (webm(b"\x21"), WEBM)], ids=["mp4", "webm"])
def test_a_track_that_nobody_sees_or_hears_is_refused(film: bytes, kind: str) -> None:
    with pytest.raises(FileRefused, match="neither picture, sound nor words"):
        without_metadata(film, kind)


@pytest.mark.parametrize("cut", [1, 3, 9, 40])
def test_a_damaged_film_is_refused(cut: int) -> None:
    for film, kind in ((mp4(b"vide"), MP4), (webm(b"\x01"), WEBM)):
        with pytest.raises(FileRefused, match="damaged"):
            without_metadata(film[:-cut], kind)
    assert without_metadata(b"words", "text/plain") == b"words"


def nested(depth: int) -> bytes:
    film = b""
    for _ in range(depth):
        film = box(b"moov", film)
    return box(b"ftyp", b"isom", bytes(4)) + film


def in_segments(depth: int) -> bytes:
    film = b""
    for _ in range(depth):
        film = element("18538067", film)
    return element("1a45dfa3", element("4282", b"webm")) + film


@pytest.mark.parametrize(
    ("film", "kind"),
    [
        (nested(5_000), MP4),
        (in_segments(5_000), WEBM),
        (box(b"moov", box(b"trak", box(b"mdia", box(b"hdlr", bytes(8), b"vide"), box(b"mdhd", bytes(24))))), MP4),
        (box(b"moov", box(b"trak", box(b"mdia", box(b"hdlr", bytes(8), b"vide", bytes(11))))), MP4),
        (box(b"moov", box(b"mvhd", bytes(6)), box(b"trak", bytes(8))), MP4),
        (box(b"moov", box(b"mvhd", b"\1", bytes(12)), box(b"trak", bytes(8))), MP4),
        (box(b"moov", box(b"mvhd"), box(b"trak", bytes(8))), MP4),
        (box(b"moov", box(b"trak", box(b"mdia", handler(b"vide"), box(b"minf", box(b"stbl", box(b"stsd", bytes(8), box(b"avc1", bytes(40)))))))), MP4),
    ],
    ids=["boxes", "segments", "hdlr of 12", "hdlr of 23", "mvhd of 6", "mvhd of 13", "empty mvhd", "sample entry of 40"],
)  # fmt: skip
def test_a_film_made_to_break_the_reader_is_refused(film: bytes, kind: str) -> None:
    with pytest.raises(FileRefused, match="damaged"):
        without_metadata(film, kind)


@pytest.mark.parametrize(("part", "kind"), [(box(b"free"), MP4), (b"\xec\x80", WEBM)], ids=["mp4", "webm"])
def test_a_film_of_more_parts_than_any_has_is_refused(part: bytes, kind: str) -> None:
    assert without_metadata(part * 1_000, kind) == part * 1_000
    with pytest.raises(FileRefused, match="more than 200,000 parts"):
        without_metadata(part * (MOST_PARTS + 1), kind)
