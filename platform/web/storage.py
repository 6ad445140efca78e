"""Static files in production: hashed names, compressed, and script modules that still find each other."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Rewrites `import "./x.js"` to the hashed name as well; without it a module graph breaks at its first import."""

    support_js_module_import_aggregation = True
