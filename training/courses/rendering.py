"""Cards as a page shows them: blocks of safe HTML with the site's values in place, pictures and videos with their addresses."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import get_language_info
from markupsafe import Markup

from training.courses.shape import Block, Card, Case, Choice, Course, MediaFile, Scene, fill
from web.markdown import markdown

TONES = {"note": "", "risk": "risk", "say": "moving", "case": "", "reveal": ""}
ICONS = {"note": "info", "risk": "s-risk", "say": "chat"}


Address = Callable[[str], str]
"""From the name of a media file to where the reader gets it."""


@dataclass(frozen=True, slots=True)
class Track:
    """A video's captions in one language."""

    language: str
    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture or a video: where it lies, how large it is, and what stands for it."""

    address: str
    file: MediaFile
    alt: str = ""
    poster: str = ""
    tracks: tuple[Track, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """One block: text, a callout with its title, or something to look at; `html` has been cleaned."""

    kind: str
    title: str
    html: Markup
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A choice that was made in a case: its words and what they led to."""

    text: str
    feedback: str


@dataclass(frozen=True, slots=True)
class Moment:
    """Where somebody stands in a case: the scene, and the last choice that led to it."""

    scene: Scene
    came_by: Step | None


def card_blocks(card: Card, values: Mapping[str, str], course: Course, address: Address) -> list[Shown]:
    """Return the blocks of a card; headings inside start at level 3, below the card's own."""
    filled = dict(values)
    media = {file.name: file for file in course.media}
    return [
        Shown(
            block.kind,
            fill(block.title, filled),
            Markup("") if block.kind == "picture" else markdown(fill(block.markdown, filled), level=3),
            _seen(block, filled, media, address) if block.file else None,
        )
        for block in card.blocks
    ]


def _seen(block: Block, values: dict[str, str], media: Mapping[str, MediaFile], address: Address) -> Seen:
    tracks = tuple(Track(one.language, _own_name(one.language), address(one.file)) for one in block.captions)
    if block.kind == "picture":
        return Seen(address(block.file), media[block.file], alt=fill(block.markdown, values))
    return Seen(address(block.file), media[block.file], poster=address(block.poster), tracks=tracks)


def _own_name(language: str) -> str:
    """A language as its speakers call it; its tag where nobody told us."""
    try:
        return str(get_language_info(language)["name_local"])
    except KeyError:
        return language


def moment(case: Case, choice: str) -> Moment:
    """Return where a choice of a case leads ("2.0": the third scene, its first choice); anything else is the start."""
    scenes = {scene.key: scene for scene in case.scenes}
    if way := dict(choices(case)).get(choice):
        return Moment(scenes[way.next], Step(way.text, way.feedback))
    return Moment(scenes[case.start], None)


def choices(case: Case) -> Iterator[tuple[str, Choice]]:
    """Yield every choice of a case under the name by which `moment` knows it."""
    for scene in case.scenes:
        yield from choices_from(case, scene)


def choices_from(case: Case, scene: Scene) -> Iterator[tuple[str, Choice]]:
    """Yield the choices of one scene."""
    place = case.scenes.index(scene)
    return ((f"{place}.{number}", choice) for number, choice in enumerate(scene.choices))
