"""Pages of sites: the list and one site with its profile."""

from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from access.permissions import Permission
from access.require import can, require
from accounts.models import Membership
from audit.models import Event
from onboarding.rosters.actions.place_site import offered_counties
from onboarding.rosters.models import VulnerabilityIndex
from onboarding.rosters.profiles import RURALITY
from onboarding.rosters.vocabulary import LANGUAGES
from onboarding.rosters.web.forms import ZONE_CHOICES
from tenancy.models import Site
from tenancy.scope import current
from web.render import page
from web.tables import Column, table_file

PAGE = 50
TABLE: list[Column] = [
    ("Name", "name"), ("Second line", "name_2"), ("Kind", lambda one: one.get_kind_display()), ("Identifier", "source_id"),
    ("Street", "street"), ("City", "city"), ("State", "region"), ("ZIP", "postal_code"), ("County", "county"),
    ("Time zone", "time_zone"), ("RUCA", "ruca1"), ("Rural", "rural"), ("SVI percentile", "svi_percentile"), ("EHR", "ehr"),
    ("Languages", "languages"), ("Serves minors", "serves_minors"), ("Staff", "staff_count"), ("Closed on", "closed_on"),
]  # fmt: skip
RURAL = {"rural": "Rural", "urban": "Urban", "unknown": "Not known"}
PLACES = {"rural": Q(ruca1__gte=4), "urban": Q(ruca1__lt=4), "unknown": Q(ruca1=None)}
WHO = {"person": "A colleague", "system": "Causeway", "token": "An API token", "staff": "Platform staff"}


def _visible(request: HttpRequest) -> QuerySet[Site]:
    """All sites for a member; for a partner those of the deployments shared with it."""
    sites: QuerySet[Site] = Site.objects.all()
    if request.part:  # type: ignore[attr-defined]
        # By id, not by "has a deployment": a join is narrowed by the database alone, and each wall must hold alone.
        shared = Site.objects.filter(deployments__in=current().deployments or ())
        sites = sites.filter(pk__in=shared.values("pk"))
    return sites


@require(Permission.SITE_READ)
@require_safe
def index(request: HttpRequest, org: str) -> HttpResponseBase:
    """Sites by name, 50 at a time; the filters are in the address."""
    query, kind, rural = (request.GET.get(name, "").strip() for name in ("q", "kind", "rural"))
    state = request.GET.get("state", "").strip()[:80]
    visible = _visible(request)
    sites = visible
    if query:
        sites = sites.filter(name__icontains=query[:160]) | sites.filter(city__icontains=query[:160])
    if kind in Site.Kind.values:
        sites = sites.filter(kind=kind)
    if state:
        sites = sites.filter(region=state)
    if rural in RURAL:
        sites = sites.filter(PLACES[rural])
    if file := table_file(request, "sites", TABLE, sites.order_by(Lower("name"), "pk")):
        return file
    count = sites.count()
    found = _after(request, sites)
    context = {
        "sites": [_line(site) for site in found[:PAGE]],
        "later": found[PAGE - 1].pk if len(found) > PAGE else None,
        "count": count,
        "total": count if sites is visible else visible.count(),
        "q": query,
        "filtered": sites is not visible,
        "kind": Site.Kind(kind).label if kind in Site.Kind.values else "",
        "kind_choices": _choices(request, "kind", Site.Kind.choices, kind),
        "state": state,
        "state_choices": _choices(request, "state", [(name, name) for name in _states(visible)], state),
        "rural": RURAL.get(rural, ""),
        "rural_choices": _choices(request, "rural", list(RURAL.items()), rural),
        "keep": {name: value for name, value in (("kind", kind), ("state", state), ("rural", rural)) if value},
        "can_import": can(request, Permission.IMPORT_RUN),
        "can_add": can(request, Permission.SITE_MANAGE),
    }
    return page(request, "rosters/sites.html", context)


def _states(sites: QuerySet[Site]) -> list[str]:
    return list(sites.exclude(region="").order_by("region").values_list("region", flat=True).distinct())


def _choices(
    request: HttpRequest, name: str, choices: list[tuple[str, Any]], chosen: str
) -> list[tuple[str, str, bool]]:
    """Return (title, address, current) for a filter's menu."""
    found = []
    for value, title in choices:
        query = request.GET.copy()
        query.pop("after", None)
        query[name] = value
        found.append((str(title), f"?{query.urlencode()}", value == chosen))
    return found


def _after(request: HttpRequest, sites: QuerySet[Site]) -> list[Site]:
    ordered = sites.annotate(lower_name=Lower("name")).order_by("lower_name", "pk")
    try:
        place = sites.filter(pk=UUID(request.GET.get("after", ""))).annotate(lower_name=Lower("name")).first()
    except ValueError:
        place = None
    if place is not None:
        name = place.lower_name
        ordered = ordered.filter(lower_name__gte=name).exclude(lower_name=name, pk__lte=place.pk)
    return list(ordered[: PAGE + 1])


def _line(site: Site) -> dict[str, Any]:
    return {
        "site": site,
        "where": ", ".join(part for part in (site.city, site.region) if part),
        "rural": "" if site.rural is None else RURAL["rural" if site.rural else "urban"],
        "percentile": None if site.svi_percentile is None else site.svi_percentile * 100,
    }


@require(Permission.SITE_READ)
@require_safe
def show(request: HttpRequest, org: str, site: UUID) -> HttpResponse:
    """One site: where it is, what kind of place that is, and what happened to it."""
    found = _visible(request).filter(pk=site).first()
    if found is None:
        raise Http404
    return show_site(request, found)


def show_site(request: HttpRequest, found: Site, *, problem: str = "") -> HttpResponse:
    """Answer with the site's page, and why what was asked could not be done."""
    may_change = can(request, Permission.SITE_MANAGE)
    likely, others = (
        offered_counties(found) if may_change and (found.county_chosen or not found.county_fips) else ([], [])
    )
    county = VulnerabilityIndex.objects.filter(pk=found.county_fips).first() if found.county_fips else None
    events = list(Event.objects.about(found.pk)[:30])
    people: dict[UUID | None, str] = {member.user_id: member.user.name for member in _members(events)}
    context = {
        **_line(found),
        "address": [
            part
            for part in (
                found.street,
                found.street_2,
                " ".join(filter(None, [found.city, found.region, _zip(found)])),
                found.country if found.country != "US" else "",
            )
            if part
        ],
        "rurality": RURALITY.get(found.ruca1) if found.ruca1 else None,
        "county": county,
        "problem": problem,
        "may_change": may_change,
        "likely": [{"value": one.fips, "text": one.name} for one in likely],
        "others": [("", "Choose a county"), *((one.fips, one.name) for one in others)] if others else [],
        "zones": ZONE_CHOICES if may_change and found.time_zone_guessed else [],
        "languages": [LANGUAGES[code][0].capitalize() if code in LANGUAGES else code for code in found.languages],
        "web": found.website if found.website.startswith(("http://", "https://")) else "",
        "history": [
            {
                "who": people.get(event.actor_id, WHO.get(event.actor_kind, "Somebody")),
                "text": event.sentence,
                "at": event.at,
            }
            for event in events
        ],
    }
    return page(request, "rosters/site.html", context, status=422 if problem else 200)


def _members(events: list[Event]) -> QuerySet[Membership]:
    ids = {event.actor_id for event in events if event.actor_id}
    return Membership.objects.filter(user_id__in=ids).select_related("user")


def _zip(site: Site) -> str:
    return f"{site.postal_code}-{site.zip_4}" if site.zip_4 and site.postal_code else site.postal_code
