"""What happens to imports and to the sites they touch."""

from audit.vocabulary import action

IMPORT_UPLOADED = action("roster_import.uploaded", "uploaded the roster {file} with {rows} rows")
IMPORT_MAPPED = action("roster_import.mapped", "mapped the columns of {file}")
IMPORT_PREVIEWED = action("roster_import.previewed", "previewed the import of {file}")
IMPORT_STARTED = action("roster_import.started", "started the import of {file}")
IMPORT_FINISHED = action("roster_import.finished", "imported {file}: {created} created, {updated} updated")
IMPORT_FAILED = action("roster_import.failed", "stopped the import of {file} at row {row}")
IMPORT_UNDONE = action("roster_import.undone", "undid the import of {file}: {removed} removed, {restored} restored")
SITE_ADDED = action("site.added", "added the site")
SITE_EDITED = action("site.edited", "changed the site's profile: {fields}")
SITE_CLOSED = action("site.closed", "closed the site on {on}: {reason}")
SITE_REOPENED = action("site.reopened", "reopened the site")
SITE_COUNTY_CHOSEN = action("site.county_chosen", "said that the site lies in {county}")
SITE_TIME_ZONE_SET = action("site.time_zone_set", "confirmed the time zone {zone}")
SITE_IMPORTED = action("site.imported", "created the site from row {row} of a roster")
SITE_UPDATED = action("site.updated_by_import", "updated the site from row {row} of a roster: {fields}")
SITE_REMOVED = action("site.removed_by_undo", "removed the site by undoing the import that created it")
SITE_RESTORED = action("site.restored_by_undo", "restored the site by undoing an import")
