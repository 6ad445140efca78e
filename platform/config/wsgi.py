"""The web entry point for gunicorn: `config.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
application = get_wsgi_application()

from config.servers import refuse_old_servers  # noqa: E402 - needs the apps
from tenancy.catalogue import refuse_to_serve  # noqa: E402
from web.memory import settle_memory  # noqa: E402

refuse_old_servers()
refuse_to_serve()
settle_memory()
