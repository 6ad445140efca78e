"""Who the tenants are and where they work."""

from tenancy.models.base import Partners, TenantModel
from tenancy.models.organization import Organization
from tenancy.models.share import Share
from tenancy.models.site import Site

__all__ = ["Organization", "Partners", "Share", "Site", "TenantModel"]
