"""Every reaction names an action that some app declares and a task that can be called."""

from celery import Task
from django.utils.module_loading import import_string

from audit import vocabulary
from config.reactions import REACTIONS


def test_every_action_is_declared() -> None:
    for action in REACTIONS:
        assert vocabulary.find(action).name == action


def test_every_path_leads_to_a_task_and_stands_once() -> None:
    for action, paths in REACTIONS.items():
        assert len(paths) == len(set(paths)), action
        for path in paths:
            assert isinstance(import_string(path), Task), f"{action}: {path} is no task"
