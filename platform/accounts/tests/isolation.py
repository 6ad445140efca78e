"""What the isolation suite needs to know about people, and about finding anything."""

from testing.isolation.registry import operation

operation("org:home")
operation("org:find", query=lambda lane: {"q": "cnry"})
