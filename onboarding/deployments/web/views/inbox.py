"""My work: what is due, what is late, who waits for whom."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import can, require
from onboarding.deployments.inbox import APPROVALS, URGENT, Inbox, inbox
from web.formats import day, plural
from web.render import page
from web.saved import bar
from web.statuses import status

Row = dict[str, Any]


@require(Permission.ITEM_READ)
@require_safe
def my_work(request: OrganizationRequest, org: str) -> HttpResponse:
    """The inbox; `?who=everyone` shows those who plan the whole organization's."""
    manages = can(request, Permission.DEPLOYMENT_PLAN) and request.part is None
    everyone = manages and request.GET.get("who") == "everyone"
    views = bar(request, "inbox", request.path)
    if views and views.opens:
        return HttpResponseRedirect(views.opens)
    found, today = inbox(request, everyone=everyone), timezone.localdate()
    asked = [_entry(entry) for source in APPROVALS for entry in source(request)]
    urgent = [_entry(entry) for source in URGENT for entry in source(request)]
    sections = [
        ("Decide now", "Minutes count.", urgent),
        ("Overdue", "", [_line(org, row, today) for row in found.overdue]),
        ("Today", "", [_line(org, row, today) for row in found.today]),
        ("Waiting for you", "Others cannot go on until you do.", [_held(org, row, today) for row in found.held_up]),
        ("Approvals wanted", "", [*asked, *(_line(org, row, today, review=True) for row in found.approvals)]),
        (
            "Blocked by others",
            "Reminders go to them, not to you.",
            [_stuck(org, row, found, today) for row in found.blocked],
        ),
        ("Next 14 days", "", [_line(org, row, today) for row in found.soon]),
    ]
    words, group = request.GET.get("q", "").strip()[:80], request.GET.get("group", "")
    shown = [(title, note, [row for row in rows if _fits(row, words)]) for title, note, rows in sections]
    context = {
        "sections": _by_place(shown) if group == "place" else [_section(*one) for one in shown if one[2]],
        "lead": _lead(found, len(urgent), len(asked), today),
        "manages": manages,
        "everyone": everyone,
        "views": views,
        "words": words,
        "filters": _filters(request, words, group),
        "kept": [(name, value) for name, values in request.GET.lists() if name != "q" for value in values],
    }
    return page(request, "deployments/inbox.html", context)


def _section(title: str, note: str, rows: list[Row]) -> dict[str, Any]:
    return {"title": title, "note": note, "rows": rows}


def _by_place(sections: list[tuple[str, str, list[Row]]]) -> list[dict[str, Any]]:
    """Return the same lines by deployment instead of by how urgent they are."""
    groups: dict[str, list[Row]] = {}
    for title, _, rows in sections:
        for row in rows:
            groups.setdefault(row["place"] or title, []).append(row)
    return [_section(place, "", groups[place]) for place in sorted(groups)]


def _fits(row: Row, words: str) -> bool:
    said = f"{row['title']} {row['text']} {row['place']}".casefold()
    return all(word in said for word in words.casefold().split())


def _filters(request: HttpRequest, words: str, group: str) -> list[dict[str, Any]]:
    def to(name: str, value: str | None) -> str:
        values = request.GET.copy()
        values.pop(name, None)
        if value is not None:
            values[name] = value
        return f"?{values.urlencode()}" if values else "?view=all"

    found = [{"name": "Has", "value": words, "remove": to("q", None)}] if words else []
    choices = [
        ("When it is due", to("group", None), group != "place"),
        ("Deployment", to("group", "place"), group == "place"),
    ]
    return [*found, {"name": f"Group: {choices[group == 'place'][0]}", "choices": choices}]


def _lead(found: Inbox, urgent: int, asked: int, today: date) -> str:
    parts = [f"{plural(urgent, 'decision')} open now"] if urgent else []
    if found.overdue:
        parts.append(f"{len(found.overdue)} overdue")
    if found.today:
        parts.append(f"{len(found.today)} due today")
    if approvals := len(found.approvals) + asked:
        parts.append(f"{plural(approvals, 'approval')} wanted")
    return f"{today:%A} {today.day} {today:%B}. {', '.join(parts).capitalize() + '.' if parts else 'Nothing is due.'}"


def _line(org: str, row: Row, today: date, *, review: bool = False) -> Row:
    late = (today - row["due_on"]).days
    if review:
        mark, due = status("in_review"), f"due {day(row['due_on'])}"
    elif late > 0:
        mark, due = status("overdue"), f"{plural(late, 'day')} late"
    else:
        mark, due = (
            status("in_progress" if row["state"] == "in_progress" else "to_do"),
            "Today" if late == 0 else day(row["due_on"]),
        )
    return _row(org, row, mark, _place(row), due, late=late > 0 and not review)


def _stuck(org: str, row: Row, found: Inbox, today: date) -> Row:
    if row["state"] == "blocked":
        since = (today - row["blocked_since"]).days if row["blocked_since"] else 0
        return _row(
            org, row, status("blocked"), f"{row['note']} · {_place(row)}", plural(since, "day") if since else "today"
        )
    number, title, owner, due, _ = found.waits[row["id"]][0]
    late = (today - due).days
    says = f"waits for #{number} {title} ({owner})" + (
        f", {plural(late, 'day')} late" if late > 0 else f", due {day(due)}"
    )
    return _row(org, row, status("waiting"), f"{says} · {_place(row)}", f"due {day(row['due_on'])}")


def _held(org: str, row: Row, today: date) -> Row:
    since = (today - row["blocked_since"]).days if row["blocked_since"] else 0
    return _row(
        org,
        row,
        status("blocked"),
        f"{row['note']} · {_place(row)}",
        f"{plural(since, 'day')} blocked" if since else "blocked today",
        late=True,
    )


def _row(org: str, row: Row, mark: Any, text: str, due: str, *, late: bool = False) -> Row:
    kwargs = {"org": org, "deployment": row["deployment_id"], "item": row["number"]}
    return {
        "look": mark,
        "place": f"{row['deployment__tool_version__tool__title']} at {row['deployment__site__name']}",
        "title": row["title"],
        "address": reverse("org:deployments:item", kwargs=kwargs),
        "text": text,
        "due": due,
        "late": late,
    }


def _entry(entry: Any) -> Row:
    return {
        "look": status(entry.status, entry.word),
        "place": "",
        "title": entry.title,
        "address": entry.address,
        "text": entry.text,
        "due": entry.due,
        "late": entry.late,
    }


def _place(row: Row) -> str:
    who = f" · {row['assignee__name']}" if row["assignee__name"] else ""
    return f"#{row['number']} · {row['deployment__tool_version__tool__title']} at {row['deployment__site__name']}{who}"
