"""Sites can be found by the organization's own people."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse

from access.permissions import Permission
from tenancy.models import Site
from web.find import AT_MOST, Action, Hit, Source, matching, register, register_actions


def enter() -> None:
    """Register sites, and the import of a roster."""
    register(Source("Sites", "bank", sites, Permission.SITE_READ, order=60, names=names))
    register_actions(Action("Import a site roster", "imports:list", Permission.IMPORT_RUN, "upload csv xlsx clinics"))


def sites(request: HttpRequest, words: list[str]) -> Iterable[Hit]:
    """Sites by name, city and region. A partner finds the sites of its deployments under these."""
    if request.part is not None:  # type: ignore[attr-defined]
        return
    found = matching(Site.objects.order_by("name", "id"), words, "name", "name_2", "city", "region", "county")
    for site in found[: AT_MOST + 1]:
        org = request.organization.slug  # type: ignore[attr-defined]
        where = reverse("org:sites:show", kwargs={"org": org, "site": site.pk})
        yield Hit(site.name, where, ", ".join(part for part in (site.city, site.region) if part))


def names(request: HttpRequest, most: int) -> Iterable[str]:
    """Names and cities of the organization's own sites."""
    if request.part is not None:  # type: ignore[attr-defined]
        return ()
    return (name for both in Site.objects.values_list("name", "city").distinct()[:most] for name in both)
