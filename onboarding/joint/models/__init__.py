"""A joint program, its waves and places at whoever leads it; each host's own copy of its place."""

from onboarding.joint.models.place import Answer, JointPlace, OwnPlace
from onboarding.joint.models.program import JointLesson, JointProgram, JointWave
from onboarding.joint.models.staff import PlaceStaff

__all__ = ["Answer", "JointLesson", "JointPlace", "JointProgram", "JointWave", "OwnPlace", "PlaceStaff"]
