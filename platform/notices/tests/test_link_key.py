"""The key under the mailed links is exchanged without a link going dead."""

from io import StringIO
from typing import Any

from django.core.management import call_command
from django.test import Client

from notices.returns import Copy, read_return_path, return_path
from notices.unsubscribe import link, read
from tenancy.ids import uuid7
from testing.cast import World


def rotated() -> dict[str, str]:
    said = StringIO()
    call_command("rotate_link_key", stdout=said, stderr=StringIO())
    return dict(line.split("=", 1) for line in said.getvalue().splitlines())


def test_what_comes_back_about_mail_from_before_a_rotation_is_believed_until_the_key_is_given_up(settings: Any) -> None:
    copy = Copy(uuid7(), 0, uuid7())
    address, before = return_path(copy), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = (
        "another key of the house, as long as it should be to be one",
        [before],
    )
    assert return_path(copy) != address
    assert read_return_path(address) == copy
    settings.SECRET_KEY_FALLBACKS = []
    assert read_return_path(address) is None


def test_links_mailed_before_a_rotation_open_until_their_key_is_given_up(world: World, settings: Any) -> None:
    address = link(world.host, world.manager.pk)
    token, path = address.rstrip("/").rsplit("/", 1)[1], address.removeprefix(settings.PUBLIC_ADDRESS)
    words = rotated()
    assert len(words["CAUSEWAY_SECRET_KEY"]) >= 50
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = (
        words["CAUSEWAY_SECRET_KEY"], words["CAUSEWAY_FORMER_SECRET_KEYS"].split(","),
    )  # fmt: skip
    assert read(token, world.host) == world.manager.pk
    assert Client().get(path).status_code == 200
    assert link(world.host, world.manager.pk) != address
    settings.SECRET_KEY_FALLBACKS = []
    assert read(token, world.host) is None
    assert Client().get(path).status_code == 404
