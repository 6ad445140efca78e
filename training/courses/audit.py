"""What happens to courses."""

from audit.vocabulary import action

COURSE_ADOPTED = action("course.adopted", "adopted the course {title}, version {version} ({change})")
SITE_VALUE_SET = action("course.site_value_set", "set {key} in the courses to “{value}”")
COURSE_UPLOADED = action("course.uploaded", "uploaded the course {title}, version {version}, from {file}")
TRANSLATION_TAKEN = action("course.translated", "took {title} {version} in {language}")
MEDIA_DROPPED = action("course.media_dropped", "deleted {count} pictures and films that no course shows any more")
COURSE_DISCARDED = action("course.discarded", "threw the draft of {title}, version {version}, away")
