"""What happens to courses."""

from audit.vocabulary import action

COURSE_ADOPTED = action("course.adopted", "adopted the course {title}, version {version} ({change})")
SITE_VALUE_SET = action("course.site_value_set", "set {key} in the courses to “{value}”")
