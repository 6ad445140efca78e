"""Backups: the database and the files as of one moment, restored whole, and proved equal by hashes."""
