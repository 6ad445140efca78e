"""Films without what is not film: built box by box, so that every byte is known."""

import struct

import pytest

from web.uploads import FileRefused
from web.uploads.films import MP4, WEBM, without_metadata

PLACE = b"+40.7128-074.0060/"


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def handler(kind: bytes) -> bytes:
    return box(b"hdlr", bytes(8), kind, bytes(12), b"Camera of Ann\0")


def mp4(*tracks: bytes) -> bytes:
    head = box(b"mvhd", bytes(4), struct.pack(">II", 3_800_000_000, 3_800_000_001), bytes(88))
    traks = [
        box(b"trak", box(b"mdia", handler(kind), box(b"minf", box(b"stbl", box(b"stco", bytes(4)))))) for kind in tracks
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
    film = mp4(b"vide", b"soun")
    clean = without_metadata(film, MP4)
    assert len(clean) == len(film)
    for secret in (PLACE, b"iPhone", b"Elm Street", b"Camera of Ann", struct.pack(">I", 3_800_000_000)):
        assert secret in film
        assert secret not in clean
    assert clean[-316:] == film[-316:]
    assert (clean.count(b"vide"), clean.count(b"stco"), clean.count(b"free")) == (1, 2, 3)
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
