"""Webhooks of mail providers: who signed it, and what each event means."""
