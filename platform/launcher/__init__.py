"""Runs Causeway on one machine with nothing installed but Python and pip.

Stands alone: the standard library at import time, and the programs of two wheels (PostgreSQL, Valkey) looked up when needed.
"""
