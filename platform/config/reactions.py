"""What happens because something else happened: the one place where the three domains meet.

The action of an event, and the tasks that follow from it. A task takes `(organization_id, event_id)` as text, runs in that
organization's scope in one transaction, and may be called more than once for the same event.
"""

REACTIONS: dict[str, list[str]] = {}
