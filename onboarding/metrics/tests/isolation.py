"""What the isolation suite needs to know about stage metrics."""

from testing.isolation.registry import api, ids, operation

operation("org:metrics:organization")
operation("org:metrics:choose", get=False, body=lambda lane: {"shares": "yes"})
operation("org:metrics:program", ids("program"))
operation("org:metrics:deployment", ids("deployment"))
api("stage-metrics")
api("programs/<uuid:program>/stage-metrics", ids("program"))
api("deployments/<uuid:deployment>/stage-metrics", ids("deployment"))
