"""An item that is asked about, for the tests of approvals."""

import re
from dataclasses import dataclass

from django.test import Client

from onboarding.deployments import approval_links
from onboarding.deployments.models import ApprovalPolicy, ApprovalRequest, Evidence, Item
from onboarding.vault.tests.shelf import stored
from tenancy.scope import scope
from testing.scenes import Scene

KEY = "interest-recorded"
PAGE = re.compile(r'name="page" value="([^"]+)"')
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the host's approver, and the link that went to them."""

    scene: Scene
    request: ApprovalRequest
    link: str

    @property
    def state(self) -> str:
        """How the question stands."""
        with scope(self.scene.world.host.pk):
            return str(ApprovalRequest.objects.get(pk=self.request.pk).state)

    @property
    def item_state(self) -> str:
        """How the item stands."""
        with scope(self.scene.world.host.pk):
            return str(Item.objects.get(pk=self.request.item_id).state)

    def untouched(self) -> bool:
        """Whether nothing was answered."""
        return (self.state, self.item_state) == ("asked", "in_review")

    def form(self, client: Client, **values: str) -> dict[str, str]:
        """Open the confirm page as a person does and return the form that it would send."""
        text = client.get(self.link).content.decode()
        return {"page": PAGE.findall(text)[0], "csrfmiddlewaretoken": CSRF.findall(text)[0], **values}


def ask(scene: Scene, *, by_mail: bool = True, with_code: bool = False) -> Asked:
    """Give the item its evidence and ask the approver about it."""
    with scope(scene.world.host.pk):
        ApprovalPolicy.change(by=scene.by(scene.world.owner), by_mail=by_mail, with_code=with_code)
        item = scene.item(KEY)
        Evidence.give(item, stored("note.txt"), by=scene.manager, wanted_key=item.required_evidence[0]["key"])
        item.assign(scene.world.contributor, by=scene.manager)
        request = ApprovalRequest.ask(item, scene.world.approver, by=scene.manager, question="Is the date right?")
        request = ApprovalRequest.objects.with_item().get(pk=request.pk)
        return Asked(scene, request, approval_links.path_of(request, "host"))
