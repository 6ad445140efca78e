"""Migrations that do not draw the whole schema anew for each operation.

While it migrates, Django keeps classes of the models as they stood at each point, and after every operation renders again
whatever is related to the model it changed, in both directions and on without end. Here every table points at the
organization, so each of some five hundred operations rendered all tables: nine tenths of what a first schema cost.

What must be rendered again is the model itself and what points at it, since only that holds on to the old class. What it
points at keeps its class and learns of the new one when that is rendered. `test_migrating.py` compares the two.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import models
from django.db.migrations.state import ProjectState

Key = tuple[str, str]
"""An app's label and a model's name in small letters."""


@contextmanager
def rendering_only_what_points_here() -> Iterator[None]:
    """Let migrations run inside render the changed model and what points at it, however indirectly, and nothing else."""
    before = ProjectState._find_reload_model  # type: ignore[attr-defined] # Django has no hook for it
    ProjectState._find_reload_model = pointing_at  # type: ignore[attr-defined]
    try:
        yield
    finally:
        ProjectState._find_reload_model = before  # type: ignore[attr-defined]


def pointing_at(state: ProjectState, app_label: str, model_name: str, delay: bool = False) -> set[Key]:
    """Return the model and every model with a relation to it or to one of those; takes the place of Django's own."""
    found = {(app_label, model_name)}
    try:
        waiting = [state.apps.get_model(app_label, model_name)]
    except LookupError:
        return found
    while waiting:
        for model in _holders(waiting.pop()):
            key = (model._meta.app_label, str(model._meta.model_name))
            if key not in found:
                found.add(key)
                waiting.append(model)
    return found


def _holders(model: type[models.Model]) -> Iterator[type[models.Model]]:
    yield from (each for each in model.__subclasses__() if issubclass(each, models.Model))
    fields: Any = model._meta.get_fields(include_hidden=True)
    for field in fields:
        if field.is_relation and field.auto_created and not field.concrete and isinstance(field.related_model, type):
            yield field.related_model
