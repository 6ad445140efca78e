"""What an answer may not show to whoever asked, and what a request may not have written."""

from collections.abc import Iterator
from uuid import UUID

from django.db import connection

from accounts.models import ApiToken
from audit.models import Event, RowImage
from tenancy.scope import scope
from testing.isolation.answers import IDS, Answer, Person
from testing.isolation.homes import ELSEWHERE, HIDDEN, SETUP, Home


class Watch:
    """Knows every tenant's tokens and rows."""

    def __init__(self, homes: list[Home], reach: dict[str, dict[str, set[UUID]]]) -> None:
        self.homes, self.reach = homes, reach
        self.forbidden: dict[str, tuple[list[bytes], set[bytes]]] = {}

    def shown(self, person: Person, answer: Answer, sent: set[bytes], may_show: str = "") -> Iterator[str]:
        """Yield each of somebody else's tokens and rows in an answer; ids that the request itself sent are nobody's news."""
        tokens, ids = self._forbidden(person)
        text = answer.head + b"\n" + answer.body
        yield from (f"shows {token.decode()}" for token in tokens if token in text and token != may_show.encode())
        yield from (f"names the row {found.decode()}" for found in set(IDS.findall(text)) & ids - sent)
        yield from (f"wrote rows of {slug}" for slug in answer.wrote_elsewhere)

    def _forbidden(self, person: Person) -> tuple[list[bytes], set[bytes]]:
        key = str(person)
        if key not in self.forbidden:
            tokens, ids = [], set()
            for home in self.homes:
                if person.home is not home:
                    tokens += [home.open_token, home.hidden_token, home.closed_token, home.bearer]
                    ids |= self.reach[home.slug]["all"]
                elif person.is_partner:
                    tokens += [home.hidden_token, home.closed_token]
                    ids |= self.reach[home.slug][HIDDEN]
                elif person.is_limited:
                    tokens += [home.hidden_token]
                    ids |= self.reach[home.slug][ELSEWHERE]
            self.forbidden[key] = [token.encode() for token in tokens], {str(pk).encode() for pk in ids}
        return self.forbidden[key]

    def written_elsewhere(self, allowed: str) -> tuple[str, ...]:
        """Return the tenants, other than the allowed one, in which the request left an event or a row image."""
        with connection.cursor() as cursor:
            cursor.execute("select pg_current_xact_id_if_assigned()::text::bigint")
            (now,) = cursor.fetchone()
        if now is None:
            return ()
        found = []
        for home in self.homes:
            if home.slug == allowed:
                continue
            with scope(home.organization.pk):
                mine = {"organization_id": home.organization.pk, "xact": now}
                set_up = Event.objects.filter(**mine, actor_process=SETUP.name).exists()
                # A token's own organization notes when it was used; nothing else may be written there.
                images = RowImage.objects.filter(**mine).exclude(table=ApiToken._meta.db_table)
                if not set_up and (images.exists() or Event.objects.filter(**mine).exists()):
                    found.append(home.slug)
        return tuple(found)
