"""A measured operation beside its yardstick and its goal."""

import math
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.models import User
from bench.measure import Cost
from testing.browser import session

RUNS = 15


@dataclass(frozen=True, slots=True)
class Line:
    """A measured operation; `raw` is the bare SQL, `slope` the exponent of growth against the smaller size."""

    name: str
    cost: Cost | None = None
    raw: Cost | None = None
    slope: float | None = None
    figure: str = ""
    """What was found, where it is no cost."""
    goal: str = ""
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """CPU against the bare SQL's."""
        return self.cost.cpu_ms / self.raw.cpu_ms if self.cost and self.raw and self.raw.cpu_ms else None


def slope(small: Cost, large: Cost, factor: float) -> float:
    """The exponent of growth: 0 is flat, 1 is proportional to the size."""
    return math.log(large.cpu_ms / small.cpu_ms) / math.log(factor)


def client_of(user: User) -> Client:
    """A browser's requests, signed in with two factors."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session(user)
    return client


def get(client: Client, address: str) -> Any:
    """Ask for a page; raise RuntimeError for anything but a page."""
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return answer


def fetch(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    """Run bare SQL."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
