"""What must fit together in a course: order, references, banks."""

from .fields import Fields
from .kinds import OBSERVATION, find
from .marks import ATTESTATION, FINAL
from .roles import ROLES
from .shape import Block, Course


def check_order(head: Fields, course: Course) -> None:
    """The modules hold every lesson once, in the order of the files' numbers."""
    named = [key for module in course.modules for key in module.lessons]
    known = [lesson.key for lesson in course.lessons]
    for key in named:
        if key not in known:
            head.problem("modules", f"lesson {key} has no file")
    for key in known:
        if named.count(key) != 1:
            head.problem("modules", f"lesson {key} must stand in one module, stands in {named.count(key)}")
    if sorted(named) == sorted(known) and named != known:
        head.problem("modules", f"order {', '.join(named)} differs from the files, {', '.join(known)}")
    total = sum(lesson.minutes for lesson in course.lessons) + course.final_minutes
    if course.minutes != total:
        head.problem("minutes", f"must be the sum of lessons and final test, {total}, is {course.minutes}")


def check_references(head: Fields, course: Course, used: dict[str, str]) -> None:
    """What one file names stands in another; `used` says in which file each `[[key]]` was found first."""
    lessons = {lesson.key for lesson in course.lessons}
    sources = {source.key for source in course.sources}
    strict = {key for module in course.modules if module.pass_mark == 100 for key in module.lessons}
    for role in course.roles:
        if role not in ROLES:
            head.problem("roles", f"{role} is not one of {', '.join(ROLES)}")
    for lesson in course.lessons:
        for key in lesson.sources:
            if key not in sources:
                head.problems.append(f"lessons: {lesson.key}: sources: {key} is not a source in course.yaml")
        for says in find(lesson.kind).problems(course, lesson):
            head.problems.append(f"lessons: {lesson.key}: kind: {says}")
        if lesson.key in (ATTESTATION, FINAL, OBSERVATION):
            head.problems.append(f"lessons: {lesson.key}: key: no lesson may be called so")
    for key in sources.difference(*(lesson.sources for lesson in course.lessons)):
        head.problem("sources", f"{key} is named by no lesson")
    for question in course.questions:
        place = f"questions.yaml: {question.key}"
        if question.lesson not in lessons:
            head.problems.append(f"{place}: lesson: {question.lesson} is not a lesson of this course")
        if question.lesson in strict and not question.critical:
            head.problems.append(f"{place}: critical: must be true, its module has pass mark 100")
        cards = next((len(lesson.cards) for lesson in course.lessons if lesson.key == question.lesson), 0)
        for number in question.cards:
            if number > cards:
                head.problems.append(f"{place}: cards: {number} is no card of {question.lesson}, which has {cards}")
    for case in course.cases:
        if case.lesson not in lessons:
            head.problems.append(f"cases.yaml: {case.key}: lesson: {case.lesson} is not a lesson of this course")
    if any(question.quiz == "final" for question in course.questions) and not course.final_minutes:
        head.problem("final_minutes", "must be above 0, there are final questions")
    check_banks(head, course)
    declared = {value.key for value in course.site_values}
    for key in sorted(set(used) - declared):
        head.problems.append(f"{used[key]}: [[{key}]] is not one of site_values in course.yaml")
    for key in sorted(declared - set(used)):
        head.problem("site_values", f"{key} is used nowhere")


def check_banks(head: Fields, course: Course) -> None:
    """A bank holds at least what is drawn from it, and every critical question is drawn."""
    banks = [
        (
            f"draw of {module.key}",
            module.draw,
            [one for one in course.questions if one.quiz == "lesson" and one.lesson == key],
        )
        for module in course.modules
        for key in module.lessons
    ]
    banks.append(("final_draw", course.final_draw, [one for one in course.questions if one.quiz == "final"]))
    for name, draw, bank in banks:
        critical = sum(question.critical for question in bank)
        if draw and bank and not critical <= draw <= len(bank):
            head.problem(name, f"must be {critical} (its critical questions) to {len(bank)} (all of them), is {draw}")


def check_media(head: Fields, course: Course) -> None:
    """Every file that a lesson names is there and of the right kind, every file is named, every video has its language."""
    known = {file.name: file.content_type for file in course.media}
    named: set[str] = set()
    for lesson in course.lessons:
        for block in (block for card in lesson.cards for block in card.blocks if block.files):
            named.update(block.files)
            for says in _wrong_media(block, known, course.language):
                head.problems.append(f"lessons: {lesson.key}: body: {says}")
    for name in known:
        if name not in named:
            head.problems.append(f"media/{name}: is named by no lesson")


def _wrong_media(block: Block, known: dict[str, str], language: str) -> list[str]:
    wanted = [(block.file, "image/" if block.kind == "picture" else "video/"), (block.poster, "image/")]
    wanted += [(one.file, "text/vtt") for one in block.captions]
    problems = [f"media/{name} has no file" for name, _ in wanted if name and name not in known]
    problems += [
        f"media/{name} is {known[name]}, not {kind.rstrip('/')}"
        for name, kind in wanted
        if name in known and not known[name].startswith(kind)
    ]
    languages = [one.language for one in block.captions]
    if block.kind == "video" and language not in languages:
        problems.append(f"{block.title}: captions in {language}, the language of the course, are missing")
    if len(set(languages)) < len(languages):
        problems.append(f"{block.title}: captions name a language twice")
    return problems
