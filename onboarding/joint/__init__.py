"""Waves over several organizations: led by a hub or a vendor, joined by offer and acceptance."""
