"""What the isolation suite needs to know about playbooks."""

from testing.isolation.registry import operation

operation("org:playbooks:index")
operation("org:playbooks:adopt", body=lambda lane: {}, get=False)
operation("org:playbooks:version", lambda lane: {"version": lane["playbook_version"]})
