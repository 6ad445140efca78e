"""One spelling of a record in bytes, so that its hash can be computed again by anybody."""

import hashlib
import json
from typing import Any


def canonical(record: Any) -> bytes:
    """Return the record as JSON with sorted keys and nothing between them, in UTF-8."""
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(record: Any) -> str:
    """Return the SHA-256 of a record's canonical JSON."""
    return hashlib.sha256(canonical(record)).hexdigest()
