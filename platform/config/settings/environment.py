"""Typed reading of the process environment; a missing or malformed value stops the start with its name."""

from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()
ROOT = Path(__file__).resolve().parents[3]
STATE = Path(env.str("CAUSEWAY_STATE", default=str(ROOT / ".causeway" / "manual")))


def database(url: str, **options: object) -> dict[str, object]:
    """Return Django's settings for a `postgresql://` URL.

    A unix socket is written `postgresql://user@/name?host=/folder`; other query parameters (sslmode, sslrootcert, ...)
    go to the driver as they are. Raises ImproperlyConfigured for another scheme: PostgreSQL is the only database.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ImproperlyConfigured(f"DATABASE_URL: expected postgresql://…, got {parts.scheme or 'no scheme'}")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    host = query.pop("host", None) or parts.hostname or ""
    port = query.pop("port", None) or parts.port or ""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "causeway",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port),
        "OPTIONS": {"prepare_threshold": 5, **query, **options},
    }


def celery_url(redis_url: str) -> str:
    """Return kombu's spelling of a Redis address: unix sockets are `redis+socket://` there and `unix://` in redis-py."""
    if redis_url.startswith("unix://"):
        return redis_url.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=")
    return redis_url
