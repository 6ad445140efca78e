"""Make the files that compose.yaml mounts as secrets, in docker/secrets/; what is there already is left alone."""

import base64
import os
import secrets
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "secrets"
LOGINS = ("app", "migrator", "steward")


def main() -> None:
    """Write each secret once, readable by this user and the containers' group only."""
    FOLDER.mkdir(mode=0o750, exist_ok=True)
    superuser = keep("postgres_password", secrets.token_urlsafe(32))
    for login in LOGINS:
        password = secrets.token_urlsafe(32)
        keep(f"database_{login}_url", f"postgresql://causeway_{login}:{password}@db/causeway")
    keep("database_admin_url", f"postgresql://postgres:{superuser}@db/postgres")
    cache = keep("valkey_password", secrets.token_urlsafe(32))
    keep("redis_url", f"redis://:{cache}@valkey:6379/0")
    keep("secret_key", secrets.token_urlsafe(64))
    keep("audit_signing_key", base64.b64encode(os.urandom(32)).decode())


def keep(name: str, value: str) -> str:
    """Return what stands in the file, written now if it is new."""
    path = FOLDER / name
    if not path.exists():
        path.write_text(value + "\n")
        path.chmod(0o444)  # the folder keeps others out; the container's user is not this one
    return path.read_text().strip()


if __name__ == "__main__":
    main()
