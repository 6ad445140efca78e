"""Whether the questions of a course can be passed by looking at the length of the answers instead of reading them."""

from dataclasses import dataclass

from training.courses.shape import Course, fill

MOST, LEAST = 0.45, 0.15
"""Shares of the questions in which the right answer is the longest (or the shortest): three answers by chance give a third."""
FEWEST = 12
"""With fewer questions chance alone leaves these bounds too often to say anything."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """In how many of `each` questions with one right answer it is longer, or shorter, than every other one."""

    longest: int
    shortest: int
    each: int

    @property
    def tell(self) -> str:
        """What a learner who does not know would go by, in words; empty where there is nothing."""
        if self.each < FEWEST:
            return ""
        for what, count in (("longest", self.longest), ("shortest", self.shortest)):
            if count > MOST * self.each:
                return f"In {count} of {self.each} questions the right answer is the {what}."
        return (
            f"In only {self.longest} of {self.each} questions is the right answer the longest."
            if self.longest < LEAST * self.each
            else ""
        )


def lengths(course: Course) -> Lengths:
    """Measure the answers as they show where a site has not filled in values of its own."""
    values = {value.key: value.default for value in course.site_values}
    longest = shortest = each = 0
    for question in course.questions:
        if question.kind == "single":
            found = [(len(fill(answer.text, values)), answer.correct) for answer in question.answers]
            [right] = [length for length, correct in found if correct]
            others = [length for length, correct in found if not correct]
            longest += right > max(others)
            shortest += right < min(others)
            each += 1
    return Lengths(longest, shortest, each)
