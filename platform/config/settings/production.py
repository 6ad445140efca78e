"""Production: every secret comes from the environment and has no default; HTTPS only."""

import base64
import binascii
import tempfile
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *  # noqa: F403
from config.settings.base import DATABASES, STATE_DIR
from config.settings.environment import env

DEBUG = False
SHORTEST_SECRET_KEY, SIGNING_KEY_OCTETS = 50, 32
SECRET_KEY = env.str("CAUSEWAY_SECRET_KEY")
if len(SECRET_KEY) < SHORTEST_SECRET_KEY:
    raise ImproperlyConfigured(f"CAUSEWAY_SECRET_KEY: expected at least {SHORTEST_SECRET_KEY} random characters")
AUDIT_SIGNING_KEY = env.str("AUDIT_SIGNING_KEY")
try:
    if len(base64.b64decode(AUDIT_SIGNING_KEY, validate=True)) != SIGNING_KEY_OCTETS:
        raise ValueError
except (ValueError, binascii.Error):
    raise ImproperlyConfigured(f"AUDIT_SIGNING_KEY: expected {SIGNING_KEY_OCTETS} bytes in base64") from None
PUSH_OWN_KEY = False  # web and workers do not share a folder: without PUSH_KEY no push messages are offered
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS: name the hosts that are served, without a wildcard")
REFUSE_OLD_SERVERS = not env.bool("ALLOW_OLD_SERVERS", default=False)
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]
BACKUP_HOURS = env.int("BACKUP_HOURS", default=26)
METRICS_FOLDER = env.str("METRICS_FOLDER", default=str(Path(tempfile.gettempdir()) / "causeway-metrics"))
PUBLIC_ADDRESS = env.str("PUBLIC_ADDRESS")
MESSAGE_ID_DOMAIN = env.str("MESSAGE_ID_DOMAIN", default=ALLOWED_HOSTS[0])
ACCOUNT_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=1)
ALLAUTH_TRUSTED_PROXY_COUNT = ACCOUNT_TRUSTED_PROXY_COUNT

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-causeway_session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-causeway_csrf"

STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(STATE_DIR / "static")))
STORAGES = {
    **STORAGES,  # noqa: F405
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# The pool keeps connections open between requests; a worker process keeps one of its own (CELERY_DB_REUSE_MAX).
if env.bool("DATABASE_POOL", default=False):
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 2, "max_size": env.int("DATABASE_POOL_SIZE", default=10)}
