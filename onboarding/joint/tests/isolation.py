"""What the isolation suite needs to know about joint waves. The tenant leads one with its own deployments."""

from onboarding.deployments import portfolio
from onboarding.joint.actions.take_places import offer_places
from onboarding.joint.models import Answer, JointLesson, JointPlace, JointProgram, JointWave, OwnPlace, PlaceStaff
from tenancy.ids import uuid7
from testing.isolation.homes import Home
from testing.isolation.registry import Filler, Lane, api, builds, operation


@builds(order=60)
def joint(home: Home, lane: Lane) -> None:
    """A wave with the lane's deployment in it, and a place that waits for an answer."""
    by = home.actor("implementation_manager")
    portfolio.project(lane.things["deployment"])
    program = JointProgram.begin(f"Together {len(home.lanes)} {home.closed_token}", by=by)
    wave = JointWave.objects.select_related("program").get(program=program)
    (place,) = offer_places(wave, [lane.things["deployment"]], by=by)
    lesson = JointLesson.learn(wave, f"Learned {home.closed_token}", by=by)
    given = PlaceStaff.give(
        place, home.people["contributor"], role="trainer", hours=8, weeks_before=4, weeks_after=2, by=by
    )
    # An offer of its own is taken at once: this one waits, so that answering it can succeed.
    JointPlace.objects.filter(pk=place.pk).update(answer=Answer.OFFERED)
    own = OwnPlace.objects.get(source_id=place.pk)
    OwnPlace.objects.filter(pk=own.pk).update(answer=Answer.OFFERED)
    lane.things |= {
        "joint_program": program.pk, "joint_wave": wave.pk, "joint_place": place.pk, "own_place": own.pk,
        "joint_lesson": lesson.pk, "place_staff": given.pk,
    }  # fmt: skip
    for name, host in (("going_wave", None), ("begun_wave", home.organization)):
        title = f"{name} {len(home.lanes)} {home.closed_token}"
        begun = JointWave.objects.get(program=JointProgram.begin(title, by=by))
        JointWave.objects.filter(pk=begun.pk).update(state=JointWave.State.EXPANDING)
        if host:  # with a place that its host has taken, so that it can be left
            taken = JointPlace(wave=begun, host=host, deployment_id=uuid7(), site="Site", answer=Answer.ACCEPTED)
            taken.save()
            mine = OwnPlace(
                deployment_id=lane.things["deployment"], leader=host, source_id=taken.pk, title=title, answer=Answer.ACCEPTED,
                standing=JointWave.State.EXPANDING,
            )  # fmt: skip
            mine.save()
            lane.things["taken_place"] = mine.pk
        lane.things[name] = begun.pk


def at(**names: str):  # type: ignore[no-untyped-def]
    """Fill path arguments with things of other names."""
    return lambda lane: {"program": lane["joint_program"], **{name: lane[thing] for name, thing in names.items()}}


operation("org:joint:index")
operation("org:joint:begin", get=False, body=lambda lane: {"title": "Another"})
operation("org:joint:accept", lambda lane: {"place": lane["own_place"]}, get=False, body=lambda lane: {})
operation("org:joint:decline", lambda lane: {"place": lane["own_place"]}, get=False, body=lambda lane: {})
operation(
    "org:joint:leave", lambda lane: {"place": lane["own_place"]}, get=False, body=lambda lane: {"reason": "Alone"}
)
operation("org:joint:program", at())
operation("org:joint:wave_add", at(), get=False, body=lambda lane: {})
operation(
    "org:joint:offer", at(wave="joint_wave"), get=False, body=lambda lane: {"deployment": str(lane["deployment"])}
)
operation("org:joint:rules", at(wave="joint_wave"), get=False, body=lambda lane: {"stable_days": "9"})
operation("org:joint:learn", at(wave="joint_wave"), get=False, body=lambda lane: {"text": "Test on a Tuesday"})
operation("org:joint:run", lambda lane: {**at(wave="joint_wave")(lane), "do": "start"}, get=False, body=lambda lane: {})
operation("org:joint:take_up", at(lesson="joint_lesson"), get=False, body=lambda lane: {"answer": "We do"})
operation("org:joint:take_back", at(place="joint_place"), get=False, body=lambda lane: {})
operation(
    "org:joint:staff", at(place="joint_place"), get=False,
    body=lambda lane: {"user": str(lane["person"]), "role": "analyst", "hours": "4", "weeks_before": "1", "weeks_after": "1"},
)  # fmt: skip
operation("org:joint:staff_off", at(staff="place_staff"), get=False, body=lambda lane: {})


def pk(name: str) -> Filler:
    """Fill the id of an address of the API."""
    return lambda lane: {"pk": lane[name]}


api("joint-programs", body=lambda lane: {"title": "By token"})
api("joint-programs/<uuid:pk>", pk("joint_program"))
api("joint-programs/<uuid:pk>/waves", pk("joint_program"), get=False, body=lambda lane: {})
api("joint-waves/<uuid:pk>", pk("joint_wave"))
api(
    "joint-waves/<uuid:pk>/offer", pk("joint_wave"), get=False,
    body=lambda lane: {"deployments": [str(lane["deployment"])]},
)  # fmt: skip
api(
    "joint-waves/<uuid:pk>/rules", pk("joint_wave"), get=False,
    body=lambda lane: {"stable_days": 9, "canaries": [str(lane["joint_place"])]},
)  # fmt: skip
api("joint-waves/<uuid:pk>/start", pk("begun_wave"), get=False, body=lambda lane: {})
for verb, body in (("expand", {}), ("halt", {"reason": "Ill"}), ("resume", {})):
    api(f"joint-waves/<uuid:pk>/{verb}", pk("going_wave"), get=False, body=lambda lane, body=body: dict(body))
api("joint-places/<uuid:pk>/take-back", pk("joint_place"), get=False, body=lambda lane: {})
api("joint-offers", query=lambda lane: {"deployment": lane["deployment"]})
for verb in ("accept", "decline"):
    api(f"joint-offers/<uuid:pk>/{verb}", pk("own_place"), get=False, body=lambda lane: {})
api("joint-offers/<uuid:pk>/leave", pk("taken_place"), get=False, body=lambda lane: {"reason": "Alone"})
