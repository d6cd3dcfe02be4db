"""A registry: who enters it, what is wrong with its records, how good they are."""
