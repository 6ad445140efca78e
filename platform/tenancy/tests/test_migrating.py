"""Migrations that render only what points at the changed model: no class left over from before is ever held on to."""

from collections.abc import Iterator

from django.apps.registry import Apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState

from tenancy.migrating import rendering_only_what_points_here


def stale(apps: Apps) -> Iterator[str]:
    """Yield every relation that leads to another class than the one that is registered."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields(include_hidden=True):
            other = field.related_model
            if not (field.is_relation and isinstance(other, type)):
                continue
            if apps.get_model(other._meta.app_label, str(other._meta.model_name)) is not other:
                yield f"{model._meta.label}.{field.name}"


def shape(apps: Apps) -> dict[str, list[str]]:
    """Return every model's fields and what points at it."""
    return {
        model._meta.label: sorted(
            f"{field.name} {type(field).__name__} {field.related_model and field.related_model._meta.label}"
            for field in model._meta.get_fields(include_hidden=True)
        )
        for model in apps.get_models(include_auto_created=True)
    }


def test_after_every_migration_the_rendered_models_are_those_a_fresh_rendering_gives(db: None) -> None:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    state: ProjectState = executor._create_project_state()
    assert state.apps is not None  # from here on every change renders
    with rendering_only_what_points_here():
        for migration, _ in plan:
            for operation in migration.operations:
                operation.state_forwards(migration.app_label, state)
            assert list(stale(state.apps)) == []
    fresh = state.clone()
    fresh.clear_delayed_apps_cache()
    fresh.__dict__.pop("apps", None)
    assert shape(state.apps) == shape(fresh.apps)
    assert len(shape(fresh.apps)) > 150
