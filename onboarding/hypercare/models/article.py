"""A knowledge article: what the service desk answers when a topic comes up again."""

from typing import Any

from django.db import models, transaction

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments.models import Deployment
from onboarding.hypercare import audit
from onboarding.hypercare.models.ticket import AFTER_TICKET, TicketRefused
from tenancy.fields import TenantForeignKey
from tenancy.models import Partners, TenantModel


class Article(TenantModel):
    """Where the answer to a topic stands."""

    partners = Partners.DEPLOYMENT

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    topic = models.CharField(max_length=60)
    title = models.CharField(max_length=160)
    address = models.URLField(max_length=300, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "deployment", "topic"], name="article_once")]

    @classmethod
    @transaction.atomic
    def write(cls, deployment: Deployment, *, topic: str, title: str, address: str = "", by: Actor) -> "Article":
        """Name the article of a topic, or another one in its place. Raises TicketRefused without topic or title."""
        topic, title = topic.strip(), title.strip()
        if not topic or not title:
            raise TicketRefused("Name the topic and the article.")
        Deployment.locked(deployment.pk)
        article: Article = cls.objects.filter(deployment=deployment, topic=topic).first() or cls(
            deployment=deployment, topic=topic
        )
        if (article.title, article.address) == (title, address):
            return article
        article.title, article.address = title, address
        article.save()
        record(audit.ARTICLE_WRITTEN, by=by, subject=article, topic=topic)
        for look in AFTER_TICKET:
            look(deployment.pk, by)
        return article
