"""A folder for each test that other users can pass through, as they could through a project's."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Not pytest's own: that one lies under a folder which every pytest on the machine closes again."""
    folder = Path(tempfile.mkdtemp(prefix="causeway-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)
