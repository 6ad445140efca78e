"""Two organizations whose deployments the hub brings live together."""

from dataclasses import dataclass
from uuid import UUID

from access.permissions import Part
from accounts.models import Membership
from audit.actor import Actor
from onboarding.deployments import portfolio
from onboarding.deployments.models import Deployment
from onboarding.joint.actions.take_places import accept, offer_places
from onboarding.joint.models import JointPlace, JointProgram, JointWave, OwnPlace
from onboarding.playbooks.document import PlaybookDocument
from tenancy.models import Site
from tenancy.scope import scope
from testing.scenes import Scene, planned


@dataclass(frozen=True, slots=True)
class Joint:
    """The hub leads; the host and another health organization take part."""

    scene: Scene
    other: Deployment
    """Of the other organization, at Quarry Lane."""
    program: JointProgram
    wave: JointWave

    @property
    def hub(self) -> Actor:
        """The hub's manager; to be called in the hub's scope."""
        return Membership.objects.active().get(user=self.scene.world.hub_manager).actor

    @property
    def stranger(self) -> Actor:
        """The other organization's owner; to be called in its scope."""
        return Membership.objects.active().get(user=self.scene.world.stranger).actor

    def offer(self, *, accepted: bool = True, wave: JointWave | None = None) -> list[JointPlace]:
        """Offer both deployments a place; both hosts accept."""
        world = self.scene.world
        with scope(world.hub.pk):
            made = offer_places(wave or self.wave, [self.scene.deployment.pk, self.other.pk], by=self.hub)
        if accepted:
            with scope(world.host.pk):
                accept(OwnPlace.objects.get(), by=self.scene.manager)
            with scope(world.elsewhere.pk):
                accept(OwnPlace.objects.get(), by=self.stranger)
        return made

    def own(self) -> OwnPlace:
        """The host's copy; to be called in its scope."""
        return OwnPlace.objects.select_related("leader", "deployment__site").get(deployment=self.scene.deployment)


def joint(scene: Scene, starter: PlaybookDocument) -> Joint:
    """Share both organizations' deployments with the hub, which begins a joint program."""
    world = scene.world
    scene.share()
    with scope(world.elsewhere.pk):
        by = Membership.objects.active().get(user=world.stranger).actor
        site = Site.objects.create(name="Quarry Lane", region="NY", country="US", time_zone="America/New_York")
        other = planned(starter, site, world.vendor, by)
        other.share_with(world.hub, part=Part.HUB, by=by)
        portfolio.project(other.pk)
    with scope(world.host.pk):
        portfolio.project(scene.deployment.pk)
    with scope(world.hub.pk):
        by = Membership.objects.active().get(user=world.hub_manager).actor
        program = JointProgram.begin("Riverbend and friends", by=by)
        wave = JointWave.objects.select_related("program").get(program=program)
    return Joint(scene, other, program, wave)


def of_ones_own(scene: Scene) -> dict[str, UUID]:
    """In the host's scope: let it lead a wave with its own site; return each part by its address in the API."""
    portfolio.project(scene.deployment.pk)
    program = JointProgram.begin("On our own", by=scene.manager)
    wave = JointWave.objects.select_related("program").get(program=program)
    (place,) = offer_places(wave, [scene.deployment.pk], by=scene.manager)
    own = OwnPlace.objects.get(source_id=place.pk)
    return {"joint-programs": program.pk, "joint-waves": wave.pk, "joint-places": place.pk, "joint-offers": own.pk}
