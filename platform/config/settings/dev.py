"""A developer's machine and the demo: one-click sign-in, plain HTTP on localhost, cookies named by instance."""

import hashlib

from config.settings.base import *  # noqa: F403
from config.settings.base import INSTALLED_APPS, INSTANCE_PORT, STATE_DIR
from config.settings.environment import env

INSTALLED_APPS = [*INSTALLED_APPS, "testing"]  # its commands: bin/manage isolation
DEBUG = env.bool("CAUSEWAY_DEBUG", default=False)
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
SECRET_KEY = env.str("CAUSEWAY_SECRET_KEY", default=hashlib.sha256(str(STATE_DIR).encode()).hexdigest())
SESSION_COOKIE_NAME = f"causeway_session_{INSTANCE_PORT}"
CSRF_COOKIE_NAME = f"causeway_csrf_{INSTANCE_PORT}"
DEVELOPMENT_SIGN_IN = True
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "60/m/ip"}
MAIL_ACCEPTANCE = "notices.delivery.LocalSink"
