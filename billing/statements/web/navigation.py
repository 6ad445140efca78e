"""Where contracts and statements are found."""

from access.permissions import Permission
from web.navigation import ORGANIZATION, Entry, register

register(Entry(ORGANIZATION, "Billing", "receipt", "billing:overview", Permission.BILLING_READ, order=70))
