"""The body of a lesson: cards, and in them text, callouts, pictures and videos."""

import re
from itertools import groupby

from .fields import Fields
from .shape import Block, Captions, Card

BLOCKS = ("note", "risk", "say", "case", "reveal", "video")
_TAG = re.compile(r"</?[a-zA-Z!][^>\n]*>")
_CALLOUT = re.compile(r"> ?\[!([a-z]+)\] ?(.*)")
_PICTURE = re.compile(r'!\[([^\]]*)\]\(media/([^)\s]+)(?: "([^"]*)")?\)')
_VIDEO_FIELD = re.compile(r"(file|poster|captions): +(.+)")


def read_cards(row: Fields, body: str) -> tuple[Card, ...]:
    """Cut a body at its ``##`` headings; what is wrong is reported to ``row``."""
    before, *cards = re.split(r"^## +", body, flags=re.MULTILINE)
    if before.strip():
        row.problem("body", "text stands before the first ## heading")
    if not cards:
        row.problem("body", "has no ## heading, so no card")
    return tuple(_card(row, card) for card in cards)


def _card(row: Fields, text: str) -> Card:
    title, _, body = text.partition("\n")
    place = f"in card {title.strip()!r}"
    blocks: list[Block] = []
    for kind, lines in groupby(body.strip().splitlines(), key=_kind):
        rows = list(lines)
        if kind == "picture":
            blocks += [_picture(row, place, line) for line in rows]
        elif kind == "quote":
            blocks += _callout(row, place, rows)
        elif markdown := "\n".join(rows).strip():
            blocks.append(Block("text", "", markdown))
    for block in blocks:
        if block.kind != "picture" and "![" in block.markdown:
            row.problem(
                "body", f'{place} a picture stands on a line of its own: ![what it shows](media/name.png "caption")'
            )
    if tag := _TAG.search(text):
        row.problem("body", f"{place} HTML is not allowed: {tag[0]}")
    if not blocks:
        row.problem("body", f"card {title.strip()!r} is empty")
    return Card(title.strip(), tuple(blocks))


def _kind(line: str) -> str:
    if line.startswith(">"):
        return "quote"
    return "picture" if _PICTURE.fullmatch(line.strip()) else "text"


def _picture(row: Fields, place: str, line: str) -> Block:
    found = _PICTURE.fullmatch(line.strip())
    assert found
    alt = " ".join(found[1].split())
    if not alt:
        row.problem("body", f"{place} media/{found[2]} needs words for those who cannot see it: ![what it shows](...)")
    return Block("picture", (found[3] or "").strip(), alt, file=found[2])


def _callout(row: Fields, place: str, rows: list[str]) -> list[Block]:
    """One quote: a callout of a kind. Nothing where it is none, or empty."""
    callout = _CALLOUT.fullmatch(rows[0])
    if not callout:
        row.problem("body", f"{place} a quote does not begin with > [!kind]")
        return []
    kind, heading = callout[1], callout[2].strip()
    if kind not in BLOCKS:
        row.problem("body", f"{place} [!{kind}] must be one of {', '.join(BLOCKS)}")
    inner = [line[1:].removeprefix(" ") for line in rows[1:]]
    if kind == "video":
        return [_video(row, place, heading, inner)]
    markdown = "\n".join(inner).strip()
    if not markdown:
        row.problem("body", f"{place} [!{kind}] is empty")
        return []
    if kind == "reveal" and not heading:
        row.problem("body", f"{place} [!reveal] needs the words of its button")
    return [Block(kind, heading, markdown)]


def _video(row: Fields, place: str, title: str, lines: list[str]) -> Block:
    """A video with poster, captions and transcript; none of them may be missing."""
    told: dict[str, str] = {}
    while lines and (field := _VIDEO_FIELD.fullmatch(lines[0].strip())):
        told[field[1]], lines = field[2].strip(), lines[1:]
    transcript = "\n".join(lines).strip()
    if not title:
        row.problem("body", f"{place} [!video] needs a title")
    if not transcript:
        row.problem("body", f"{place} [!video] needs its transcript, after an empty line")
    for name, says in (("file", "clip.mp4"), ("poster", "clip.png"), ("captions", "en-US clip.en-us.vtt")):
        if name not in told:
            row.problem("body", f"{place} [!video] needs a line {name}: {says}")
    tracks = [entry.split() for entry in told.get("captions", "").split(",") if entry.strip()]
    if any(len(track) != 2 for track in tracks):
        row.problem("body", f"{place} captions: must be language and file, several separated by commas")
        tracks = []
    captions = tuple(Captions(language, file) for language, file in tracks)
    return Block("video", title, transcript, told.get("file", ""), told.get("poster", ""), captions)
