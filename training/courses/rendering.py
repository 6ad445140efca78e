"""Cards as a page shows them: blocks of safe HTML with the site's values in place."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from training.courses.shape import Card, Case, Scene, fill
from web.markdown import markdown

TONES = {"note": "", "risk": "risk", "say": "moving", "case": "", "reveal": ""}
ICONS = {"note": "info", "risk": "s-risk", "say": "chat"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One block: text, or a callout with its title; `html` has been cleaned."""

    kind: str
    title: str
    html: Markup


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


def card_blocks(card: Card, values: Mapping[str, str]) -> list[Shown]:
    """Return the blocks of a card; headings inside start at level 3, below the card's own."""
    filled = dict(values)
    return [
        Shown(block.kind, fill(block.title, filled), markdown(fill(block.markdown, filled), level=3))
        for block in card.blocks
    ]


def moment(case: Case, path: str) -> Moment:
    """Follow a path of choice numbers ("021") from the start of a case; a path that leads nowhere stops where it is good."""
    scenes = {scene.key: scene for scene in case.scenes}
    scene, came_by = scenes[case.start], None
    for digit in path:
        if not digit.isascii() or not digit.isdigit() or int(digit) >= len(scene.choices):
            break
        choice = scene.choices[int(digit)]
        scene, came_by = scenes[choice.next], Step(choice.text, choice.feedback)
    return Moment(scene, came_by)
