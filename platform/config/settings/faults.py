"""The fault run (`bin/manage faults`): real servers of its own, and points at which a worker can be told to die."""

from config.settings.base import *  # noqa: F403
from config.settings.base import INSTALLED_APPS as BASE_APPS
from config.settings.environment import env

DEBUG = False
SECRET_KEY = "faults"  # noqa: S105 - guards nothing
ALLOWED_HOSTS = ["localhost"]
INSTALLED_APPS = [*BASE_APPS, "testing", "testing.faults.apps.FaultsConfig"]
EMAIL_BACKEND = "testing.faults.mail.EmailBackend"
MAIL_ACCEPTANCE = env.str("CAUSEWAY_FAULTS_ACCEPTANCE", default="notices.delivery.LocalSink")
FAULT_POINTS = env.str("CAUSEWAY_FAULT_POINTS")
LOGGING = {**LOGGING, "root": {"handlers": ["stderr"], "level": "WARNING"}}  # noqa: F405
