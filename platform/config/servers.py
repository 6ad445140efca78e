"""The oldest servers that production works on: below these lie known ways past row-level security, or lost data."""

import logging

from django.conf import settings
from django.db import connections

log = logging.getLogger(__name__)

POSTGRESQL = {15: 20, 16: 16, 17: 12, 18: 7}
"""Major version to the oldest minor one."""


class ServerTooOld(RuntimeError):
    """The database server lacks fixes that production relies on."""


def shortcoming(version: int) -> str:
    """Return what is wrong with a PostgreSQL version (as `server_version_num`); an empty text if nothing is."""
    major, minor = divmod(version, 10000)
    if major < min(POSTGRESQL):
        return f"PostgreSQL {major}.{minor} is older than {min(POSTGRESQL)}.{POSTGRESQL[min(POSTGRESQL)]}"
    if minor < POSTGRESQL.get(major, 0):
        return f"PostgreSQL {major}.{minor} is older than {major}.{POSTGRESQL[major]}"
    return ""


def refuse_old_servers() -> None:
    """Raise ServerTooOld where the settings refuse old servers; elsewhere say so in the log."""
    connection = connections["default"]
    try:
        with connection.cursor() as cursor:
            cursor.execute("select current_setting('server_version_num')::int")
            (version,) = cursor.fetchone()
    finally:
        connection.close()  # A server that forks after this must not share the connection.
    if found := shortcoming(version):
        if settings.REFUSE_OLD_SERVERS:
            raise ServerTooOld(f"{found}: update the server. ALLOW_OLD_SERVERS=true lets a test server pass.")
        log.warning("%s; production would refuse it", found)
