"""The test run: real PostgreSQL and Valkey started by bin/test, mail kept in memory unless a test wants the sink."""

from config.settings.base import *  # noqa: F403
from config.settings.base import INSTALLED_APPS
from config.settings.environment import env

INSTALLED_APPS = [*INSTALLED_APPS, "testing"]  # its commands: bin/manage isolation
DEBUG = False
SECRET_KEY = "test"  # noqa: S105 - guards nothing
ALLOWED_HOSTS = ["testserver", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
DEVELOPMENT_SIGN_IN = True
CELERY_TASK_ALWAYS_EAGER = False
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
ACCOUNT_RATE_LIMITS = False
LOGGING = {**LOGGING, "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="WARNING")}}  # noqa: F405
