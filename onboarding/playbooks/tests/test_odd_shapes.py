"""A file with values of other kinds than the format says is refused, or becomes a draft whose every page opens."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from onboarding.playbooks.models import PlaybookDraft, PlaybookVersion
from onboarding.playbooks.reading import PlaybookError
from tenancy.scope import scope
from testing.journey import actor
from testing.scenes import Scene

pytestmark = pytest.mark.django_db
ODD: list[Any] = [7, [7], {"a": 7}, None]
PAGES = [
    "", "changes/", "preview/", "about/", "scorecard/", "runbook/", "reminders/", "items/new/", "roles/CHM/", "stages/0/",
    "stages/1/", "runbook/steps/1/", "runbook/triggers/1/", "text/runbook/", "items/interest-recorded/edit/",
]  # fmt: skip


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document, the first entry of each list only."""
    yield way
    if isinstance(value, dict):
        for key in value:
            yield from places(value[key], (*way, key))
    elif isinstance(value, list) and value:
        yield from places(value[0], (*way, 0))


def with_value(plain: dict[str, Any], way: tuple[Any, ...], value: Any) -> dict[str, Any]:
    document = copy.deepcopy(plain)
    at: Any = document
    for step in way[:-1]:
        at = at[step]
    at[way[-1]] = value
    return document


@pytest.mark.slow
def test_whatever_a_file_holds_in_some_place_no_page_of_its_draft_breaks(
    scene: Scene, client_of: Callable[[User], Client]
) -> None:
    client = client_of(scene.world.manager)
    client.raise_request_exception = False
    with scope(scene.world.host.pk):
        by, plain = actor(scene.world.manager), PlaybookVersion.objects.get().plain()
    broken = set()
    for way in list(places(plain))[1:]:
        for odd in ODD:
            try:
                with scope(scene.world.host.pk):
                    draft = PlaybookDraft.begin(with_value(plain, way, odd), by=by, made_from="odd.yaml")
            except PlaybookError:
                continue
            for page in PAGES:
                answer = client.get(f"/o/host/playbooks/drafts/{draft.pk}/{page}")
                if answer.status_code == 500:
                    broken.add((way, repr(odd), page))
    assert broken == set()


@pytest.mark.parametrize(
    ("way", "value", "words"),
    [
        (("stages",), {"a": 7}, "stages: must be a list, not {'a': 7}"),
        (("stages", 0), {"title": "Plan"}, "stage no. 1: number: must be a whole number"),
        (("items", 0, "title"), [7], "item 'interest-recorded': title: must be text, not [7]"),
        (("runbook", "steps", 0), 7, "runbook: steps: entry 1 must be a mapping, not 7"),
        (("scorecard",), "words", "scorecard: must be a mapping, not 'words'"),
    ],
    ids=lambda value: str(value[0]) if isinstance(value, tuple) else "",
)
def test_a_value_of_another_kind_is_refused_with_its_place_and_no_draft_begins(
    scene: Scene, way: tuple[Any, ...], value: Any, words: str
) -> None:
    with scope(scene.world.host.pk):
        by, plain = actor(scene.world.manager), PlaybookVersion.objects.get().plain()
        with pytest.raises(PlaybookError) as refusal:
            PlaybookDraft.begin(with_value(plain, way, value), by=by, made_from="odd.yaml")
        assert words in str(refusal.value)
        assert not PlaybookDraft.objects.exists()


def test_a_part_written_as_text_keeps_the_kinds_of_the_format(
    scene: Scene, client_of: Callable[[User], Client]
) -> None:
    client = client_of(scene.world.manager)
    client.post(f"/o/host/playbooks/{scene.program.playbook_version_id}/draft")
    with scope(scene.world.host.pk):
        draft = PlaybookDraft.objects.get()
    answer = client.post(
        f"/o/host/playbooks/drafts/{draft.pk}/text/runbook/", {"text": "steps: 7\n", "revision": draft.revision}
    )
    assert answer.status_code == 422
    assert "steps: must be a list, not 7" in answer.content.decode()
    with scope(scene.world.host.pk):
        assert PlaybookDraft.objects.get().head == draft.head
