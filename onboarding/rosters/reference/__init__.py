"""Reference data that ships with the product: rurality by ZIP and social vulnerability by county."""
