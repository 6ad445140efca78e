"""Task bases: enqueued after commit, carrying their tenant, started without one."""

import logging
from functools import partial
from typing import Any
from uuid import UUID

from celery import Task
from django.db import transaction

from tenancy.scope import scope

log = logging.getLogger(__name__)


class AfterCommitTask(Task):  # type: ignore[type-arg]
    """A task whose message leaves only when the transaction that asked for it is committed.

    A dead broker never fails the request: what must happen is a row, and a sweeper finds it.
    """

    def later(self, *args: Any, **kwargs: Any) -> None:
        """Enqueue after the current transaction commits (at once outside one)."""
        transaction.on_commit(partial(self._publish, args, kwargs), robust=True)

    def _publish(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        try:
            self.apply_async(
                args=tuple(_plain(value) for value in args),
                kwargs={key: _plain(value) for key, value in kwargs.items()},
            )
        except Exception as error:
            log.warning("%s was not enqueued (%s); the sweeper will find it", self.name, error)


class TenantTask(AfterCommitTask):
    """A task whose first argument is the organization: it runs inside that organization's scope and one transaction."""

    abstract = True

    def __call__(self, organization_id: str, *args: Any, **kwargs: Any) -> Any:
        """Enter the scope named in the message, then run."""
        with scope(UUID(organization_id)):
            return super().__call__(organization_id, *args, **kwargs)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value
