"""Learning, cut by aggregate."""

from training.learning.models.access_list import AccessEntry, AccessList
from training.learning.models.assignment import Assignment
from training.learning.models.attempt import Answer, Attempt, AttemptResult
from training.learning.models.attestation import Attestation
from training.learning.models.completion import Completion
from training.learning.models.exemption import Exemption
from training.learning.models.learner import LearnerProfile
from training.learning.models.live_session import LiveSession
from training.learning.models.lms_import import ExternalRecord, LmsImport
from training.learning.models.observation import ObservedCompetency
from training.learning.models.planned_enrollment import PlannedEnrollment
from training.learning.models.progress import LessonProgress
from training.learning.models.reread import Reread
from training.learning.models.rollout import Rollout
from training.learning.models.rule import AssignmentRule
from training.learning.models.session_seat import SessionSeat
from training.learning.models.support import Shift, SupportContact

__all__ = [
    "AccessEntry",
    "AccessList",
    "Answer",
    "Assignment",
    "AssignmentRule",
    "Attempt",
    "AttemptResult",
    "Attestation",
    "Completion",
    "Exemption",
    "ExternalRecord",
    "LearnerProfile",
    "LessonProgress",
    "LiveSession",
    "LmsImport",
    "ObservedCompetency",
    "PlannedEnrollment",
    "Reread",
    "Rollout",
    "SessionSeat",
    "Shift",
    "SupportContact",
]
