"""What the isolation suite needs to know about saved views."""

from testing.isolation.homes import Home
from testing.isolation.registry import Lane, builds, operation
from web.models import SavedView


@builds(order=800)
def saved_view(home: Home, lane: Lane) -> None:
    """Save a view of the manager's own and share it."""
    by = home.actor("implementation_manager")
    view = SavedView.keep("checklist", f"View {len(home.lanes)} {home.closed_token}", "show=open", by=by, shared=True)
    lane.things["view"] = view.pk


operation(
    "org:views:keep", get=False, body=lambda lane: {"page": "checklist", "title": "Mine", "query": "show=blocked"}
)
operation("org:views:change", lambda lane: {"view": lane["view"], "do": "choose"}, get=False, body=lambda lane: {})
