"""Waves over organizations: what is led from here, and the places that others offer."""

from collections.abc import Callable
from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from access.permissions import Permission
from api.filters import choice, identifier
from api.idempotency import once
from api.problems import refusing
from api.serializers import Body, Nothing
from api.viewsets import ScopedViewSet
from onboarding.joint.actions import run_joint_wave, take_places
from onboarding.joint.models import Answer, JointPlace, JointProgram, JointWave, OwnPlace
from onboarding.plans.criteria import ACCEPTED, CRITERIA
from onboarding.plans.models.staged import WaveRefused

KNOWN = [*CRITERIA, ACCEPTED.key]


class JointPlaceSerializer(serializers.ModelSerializer[JointPlace]):
    """A deployment of some organization in a wave that is led from here; figures while it takes part."""

    gates = serializers.ListField(child=serializers.CharField(), help_text="Keys of the gates it has passed")

    class Meta:
        model = JointPlace
        fields = (
            "id", "wave_id", "host_id", "deployment_id", "site", "canary", "answer", "offered_at", "answered_at", "note",
            "live", "live_on", "gates",
        )  # fmt: skip


class JointWaveSerializer(serializers.ModelSerializer[JointWave]):
    """Sites of several organizations that go together, with their rules and where they stand."""

    criteria = serializers.ListField(child=serializers.CharField())
    halted_because = serializers.ListField(child=serializers.CharField())
    places = JointPlaceSerializer(many=True)

    class Meta:
        model = JointWave
        fields = (
            "id", "program_id", "number", "title", "state", "stable_days", "criteria", "started_at", "halted_at",
            "halted_because", "places",
        )  # fmt: skip


class JointProgramSerializer(serializers.ModelSerializer[JointProgram]):
    """A program over several organizations."""

    class Meta:
        model = JointProgram
        fields = ("id", "title", "begun_at", "led_by_id")


class JointProgramDetailSerializer(JointProgramSerializer):
    """A program with its waves and their places."""

    waves = JointWaveSerializer(many=True)

    class Meta(JointProgramSerializer.Meta):
        fields = (*JointProgramSerializer.Meta.fields, "waves")  # type: ignore[assignment]


class JointOfferSerializer(serializers.ModelSerializer[OwnPlace]):
    """A place that another organization offers to a deployment of this one, and where its wave stands."""

    why = serializers.ListField(child=serializers.CharField(), help_text="Why the wave is halted")
    holds = serializers.CharField(help_text="Why the deployment may not go live now; empty where it may")

    class Meta:
        model = OwnPlace
        fields = (
            "id", "deployment_id", "leader_id", "title", "canary", "answer", "standing", "why", "stable_days", "holds",
            "received_at", "answered_at",
        )  # fmt: skip


class BeginProgram(Body):
    """What it is called."""

    title = serializers.CharField(max_length=120)


class OfferPlaces(Body):
    """The deployments that are offered a place: the own, or shared as vendor or hub."""

    deployments = serializers.ListField(child=serializers.UUIDField(), allow_empty=False, max_length=200)


class WaveRules(Body):
    """How the wave is run."""

    stable_days = serializers.IntegerField(min_value=0, max_value=365)
    criteria = serializers.ListField(child=serializers.ChoiceField(choices=KNOWN), required=False, default=list)
    canaries = serializers.ListField(
        child=serializers.UUIDField(), required=False, default=list, help_text="Ids of its places"
    )


class Because(Body):
    """Why; the other side reads it."""

    reason = serializers.CharField(max_length=500)


class JointProgramViewSet(ScopedViewSet):
    """Programs over several organizations that this one leads."""

    serializer_class = JointProgramSerializer
    needs = dict.fromkeys(("list", "retrieve", "begin", "add_wave"), Permission.DEPLOYMENT_PLAN)

    def get_serializer_class(self) -> Any:
        """Give the waves with a single program only."""
        return JointProgramDetailSerializer if self.action == "retrieve" else JointProgramSerializer

    def rows(self) -> QuerySet[Any]:
        """Return the programs led from here."""
        found = JointProgram.objects.all()
        if self.action != "retrieve":
            return found
        return found.prefetch_related(Prefetch("waves", _waves().order_by("number")))

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List the joint programs led from here, oldest first."""
        return super().list(request, **kwargs)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show a joint program with its waves and places."""
        return super().retrieve(request, **kwargs)

    @extend_schema(request=BeginProgram, responses=JointProgramSerializer)
    @once
    def begin(self, request: Request, **kwargs: Any) -> Response:
        """Begin a joint program with its first wave; the same title again gives the one there is."""
        body = self.body(BeginProgram)
        with refusing(WaveRefused):
            made = JointProgram.begin(body["title"], by=self.by)
        return Response(JointProgramSerializer(made).data)

    @extend_schema(request=Nothing, responses=JointWaveSerializer)
    @once
    def add_wave(self, request: Request, **kwargs: Any) -> Response:
        """Add the next wave; refused while the last one is empty."""
        found = self.get_object()
        with refusing(WaveRefused):
            wave = found.add_wave(by=self.by)
        return Response(JointWaveSerializer(_waves().get(pk=wave.pk)).data)


class JointWaveViewSet(ScopedViewSet):
    """Waves over several organizations that this one leads."""

    serializer_class = JointWaveSerializer
    needs = dict.fromkeys(
        ("retrieve", "offer", "rules", "start", "expand", "halt", "resume"), Permission.DEPLOYMENT_PLAN
    )

    def rows(self) -> QuerySet[Any]:
        """Return the waves led from here."""
        return _waves()

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """Show a wave with its places."""
        return super().retrieve(request, **kwargs)

    @extend_schema(request=OfferPlaces, responses=JointWaveSerializer)
    @once
    def offer(self, request: Request, **kwargs: Any) -> Response:
        """Offer places to the hosts of deployments; the own are taken at once."""
        body = self.body(OfferPlaces)
        return self._do(lambda wave: take_places.offer_places(wave, body["deployments"], by=self.by))

    @extend_schema(request=WaveRules, responses=JointWaveSerializer)
    @once
    def rules(self, request: Request, **kwargs: Any) -> Response:
        """Set how a wave is run, before it starts."""
        body = self.body(WaveRules)
        return self._do(lambda wave: wave.set_rules(**body, by=self.by))

    @extend_schema(request=Nothing, responses=JointWaveSerializer)
    @once
    def start(self, request: Request, **kwargs: Any) -> Response:
        """Start with the canary sites, or with all; refused while an entry criterion is open."""
        return self._do(lambda wave: run_joint_wave.start(wave, by=self.by))

    @extend_schema(request=Nothing, responses=JointWaveSerializer)
    @once
    def expand(self, request: Request, **kwargs: Any) -> Response:
        """Let all sites follow the canary sites; refused until those have been stable."""
        return self._do(lambda wave: run_joint_wave.expand(wave, by=self.by))

    @extend_schema(request=Because, responses=JointWaveSerializer)
    @once
    def halt(self, request: Request, **kwargs: Any) -> Response:
        """Stop further go-lives; every host reads the reason."""
        body = self.body(Because)
        return self._do(lambda wave: run_joint_wave.halt(wave, body["reason"], by=self.by))

    @extend_schema(request=Nothing, responses=JointWaveSerializer)
    @once
    def resume(self, request: Request, **kwargs: Any) -> Response:
        """Let a halted wave go on; refused while something still halts it."""
        return self._do(lambda wave: run_joint_wave.resume(wave, by=self.by))

    def _do(self, verb: Callable[[JointWave], Any]) -> Response:
        found = self.get_object()
        with refusing(WaveRefused):
            verb(found)
        return Response(JointWaveSerializer(self.get_object()).data)


class JointPlaceViewSet(ScopedViewSet):
    """Places in waves that this organization leads."""

    serializer_class = JointPlaceSerializer
    needs = {"take_back": Permission.DEPLOYMENT_PLAN}

    def rows(self) -> QuerySet[Any]:
        """Return the places in waves led from here."""
        return JointPlace.objects.select_related("wave__program", "host")

    @extend_schema(request=Nothing, responses=JointPlaceSerializer)
    @once
    def take_back(self, request: Request, **kwargs: Any) -> Response:
        """Take a place back, offered or taken; the host's deployment goes live on its own again."""
        take_places.take_back(self.get_object(), by=self.by)
        return Response(JointPlaceSerializer(self.get_object()).data)


class JointOfferViewSet(ScopedViewSet):
    """Places in waves of others that are offered to deployments of this organization."""

    serializer_class = JointOfferSerializer
    needs = dict.fromkeys(("list", "accept", "decline", "leave"), Permission.DEPLOYMENT_PLAN)
    filters = {
        "deployment": identifier("deployment_id", "Places of one deployment"),
        "answer": choice("answer", Answer.values, "Places with one answer"),
    }

    def rows(self) -> QuerySet[Any]:
        """Return the own places, with who leads."""
        return OwnPlace.objects.select_related("leader")

    def list(self, request: Request, **kwargs: Any) -> Response:
        """List the places that were offered here, oldest first."""
        return super().list(request, **kwargs)

    @extend_schema(request=Nothing, responses=JointOfferSerializer)
    @once
    def accept(self, request: Request, **kwargs: Any) -> Response:
        """Take part: the wave's rules hold this go-live from now on, and the leader sees gates and go-live."""
        return self._do(lambda own: take_places.accept(own, by=self.by))

    @extend_schema(request=Nothing, responses=JointOfferSerializer)
    @once
    def decline(self, request: Request, **kwargs: Any) -> Response:
        """Say no; the leader hears of it."""
        return self._do(lambda own: take_places.decline(own, by=self.by))

    @extend_schema(request=Because, responses=JointOfferSerializer)
    @once
    def leave(self, request: Request, **kwargs: Any) -> Response:
        """Take part no longer; the leader reads why."""
        body = self.body(Because)
        return self._do(lambda own: take_places.leave(own, body["reason"], by=self.by))

    def _do(self, verb: Callable[[OwnPlace], None]) -> Response:
        found = self.get_object()
        with refusing(WaveRefused):
            verb(found)
        return Response(JointOfferSerializer(self.get_object()).data)


def _waves() -> QuerySet[Any]:
    places = Prefetch("places", JointPlace.objects.order_by("site", "id"))
    return JointWave.objects.select_related("program").prefetch_related(places)
