"""Audit packs: everything about a deployment or an organization over a period, in one file that proves itself."""
