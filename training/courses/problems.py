"""What is wrong with a course."""


class CourseProblemsError(ValueError):
    """A course cannot be used; ``problems`` says what is wrong and where, one line each."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))
