"""The vault over the API."""
