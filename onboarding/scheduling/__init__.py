"""Dates from dependencies and working days: pure functions over plain values, without a database."""
