"""Forms of the studio: each reads a part of a draft and gives it back in the file format."""
