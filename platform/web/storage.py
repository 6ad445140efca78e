"""Static files in production: hashed names, compressed, and script modules that still find each other."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc] # whitenoise has no types
    """Rewrites `import "./x.js"` to the hashed name in our own modules; without it a module graph breaks at its first import.

    Other people's scripts are left as they are: Django's pattern also reads comments, and htmx 4, which django-htmx ships
    beside the version we use, has an import in one that names no file.
    """

    support_js_module_import_aggregation = True
    _js_module_import_aggregation_patterns = (
        "*web/js/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )
