"""Access: permissions and roles as data."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """No tables: roles are code, memberships are accounts'."""

    name = "access"
    verbose_name = "Access"
