"""What the isolation suite needs to know about the API's addresses of no domain."""

from testing.isolation.registry import api, operation

operation("org:api:reference")
operation("org:api:openapi")
api("organization")
api("facts", query=lambda lane: {"deployment": lane["deployment"]})
api("facts/<uuid:pk>", lambda lane: {"pk": lane["fact"]})
api("events", query=lambda lane: {"deployment": lane["deployment"]})
api("events/<uuid:pk>", lambda lane: {"pk": lane["event"]})
