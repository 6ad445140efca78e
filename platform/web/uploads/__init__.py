"""What holds for every file that people upload, whichever app keeps it."""


class FileRefused(ValueError):
    """A file may not be kept; the message says what was seen and what is allowed."""
