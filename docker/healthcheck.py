"""Whether the web process answers; run inside its container. The Host header must be one that it serves."""

import http.client
import os
import sys

host, _, port = os.environ.get("WEB_BIND", "127.0.0.1:8000").rpartition(":")
connection = http.client.HTTPConnection("127.0.0.1" if host == "0.0.0.0" else host, int(port), timeout=4)  # noqa: S104
try:
    connection.request("GET", "/livez", headers={"Host": os.environ["ALLOWED_HOSTS"].split(",")[0]})
    sys.exit(0 if connection.getresponse().status == 200 else 1)
except OSError:
    sys.exit(1)
