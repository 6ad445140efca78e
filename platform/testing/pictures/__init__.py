"""Pictures of every page, as the demo's people see it. Each app says in `tests/pictures.py` how its pages are looked at."""
