"""Endpoints of what belongs to no domain: the organization, facts, events, the schema."""
