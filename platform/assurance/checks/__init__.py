"""Checks over what lies below this room: who has access, and what was delivered."""
